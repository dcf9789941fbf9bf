// A comment on a commit, or on what lies between two.

import type { Handler } from '../../../../operation/handler.ts'
import { commentShape } from '../../comments/comments.ts'
import { compared, placeOf, placeShape } from '../../comments/location.ts'
import { postComment } from '../../comments/postComment.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const postCommentForComparedCommit: Handler<'codecommit', 'PostCommentForComparedCommit'> = async (
  call,
  { repositoryName, beforeCommitId, afterCommitId, location, content, clientRequestToken: token },
) => {
  const repository = await requireRepository(call, repositoryName)
  const directory = await directoryOf(call.config, repository)
  const commits = await compared(directory, beforeCommitId, afterCommitId)
  const place = await placeOf({ repository, directory, ...commits }, location)
  const row = await postComment(call, {
    operation: 'PostCommentForComparedCommit',
    repositoryId: repository.id,
    pullRequest: null,
    content,
    token,
    place,
  })
  return { repositoryName: repository.name, ...placeShape(row), comment: await commentShape(call, row) }
}
