// The conversations on a commit, or on what lies between two.

import { isObjectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listOfComparison } from '../../comments/comments.ts'
import { placeShape } from '../../comments/location.ts'
import { conversations, readPage } from '../../comments/pages.ts'
import { refuse } from '../../errors.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const getCommentsForComparedCommit: Handler<'codecommit', 'GetCommentsForComparedCommit'> = async (
  call,
  { repositoryName, beforeCommitId, afterCommitId, maxResults, nextToken: token },
) => {
  const asked = readPage(maxResults, token)
  const repository = await requireRepository(call, repositoryName)
  const directory = await directoryOf(call.config, repository)
  for (const id of [beforeCommitId, afterCommitId]) {
    if (id === undefined) continue
    if (!isObjectId(id)) refuse('InvalidCommitIdException')
    if (!(await directory.commit(id))) refuse('CommitDoesNotExistException')
  }
  const rows = await listOfComparison(call.tx, repository.id, {
    after: asked.after,
    limit: asked.limit + 1,
    before_commit: beforeCommitId,
    after_commit: afterCommitId,
  })
  const { conversations: found, nextToken } = await conversations(call, rows, asked.limit)
  return {
    commentsForComparedCommitData: found.map(({ first, comments }) => ({
      repositoryName: first.repository_name,
      ...placeShape(first),
      comments,
    })),
    ...(nextToken && { nextToken }),
  }
}
