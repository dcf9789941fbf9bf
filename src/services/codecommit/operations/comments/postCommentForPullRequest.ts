// A comment on a pull request: on the whole, on a file, or on a line of it.

import type { Handler } from '../../../../operation/handler.ts'
import { commentShape } from '../../comments/comments.ts'
import { compared, placeOf, placeShape } from '../../comments/location.ts'
import { postComment } from '../../comments/postComment.ts'
import { refuse } from '../../errors.ts'
import { requirePullRequest } from '../../pullRequests/pullRequests.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

/** AWS: closed and merged pull requests may be commented on too [how-to-review-pull-request]. */
export const postCommentForPullRequest: Handler<'codecommit', 'PostCommentForPullRequest'> = async (call, input) => {
  const { pullRequestId, beforeCommitId, afterCommitId, location, content, clientRequestToken: token } = input
  const { number, repository_id } = await requirePullRequest(call, pullRequestId)
  const repository = await requireRepository(call, input.repositoryName)
  if (repository.id !== repository_id) refuse('RepositoryNotAssociatedWithPullRequestException')
  const directory = await directoryOf(call.config, repository)
  const commits = await compared(directory, beforeCommitId, afterCommitId)
  const place = await placeOf({ repository, directory, ...commits }, location)
  const row = await postComment(call, {
    operation: 'PostCommentForPullRequest',
    repositoryId: repository.id,
    pullRequest: number,
    content,
    token,
    place,
  })
  return {
    repositoryName: repository.name,
    pullRequestId,
    ...placeShape(row),
    comment: await commentShape(call, row),
  }
}
