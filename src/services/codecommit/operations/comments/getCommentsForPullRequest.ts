// The conversations on a pull request, of all its revisions or of one comparison.

import { isObjectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listOfPullRequest } from '../../comments/comments.ts'
import { placeShape } from '../../comments/location.ts'
import { conversations, readPage } from '../../comments/pages.ts'
import { refuse } from '../../errors.ts'
import { requirePullRequest } from '../../pullRequests/pullRequests.ts'
import { requireRepository } from '../../repositories.ts'

// AWS: repositoryName, beforeCommitId and afterCommitId only together [GetCommentsForPullRequest].
export const getCommentsForPullRequest: Handler<'codecommit', 'GetCommentsForPullRequest'> = async (call, input) => {
  const { pullRequestId, repositoryName, beforeCommitId, afterCommitId } = input
  const asked = readPage(input.maxResults, input.nextToken)
  const row = await requirePullRequest(call, pullRequestId)
  const given = [repositoryName, beforeCommitId, afterCommitId].filter(one => one !== undefined).length
  if (given > 0) {
    if (repositoryName === undefined) refuse('RepositoryNameRequiredException')
    if (beforeCommitId === undefined || afterCommitId === undefined) refuse('CommitIdRequiredException')
    if (!isObjectId(beforeCommitId!) || !isObjectId(afterCommitId!)) refuse('InvalidCommitIdException')
    const repository = await requireRepository(call, repositoryName)
    if (repository.id !== row.repository_id) refuse('RepositoryNotAssociatedWithPullRequestException')
  }
  const rows = await listOfPullRequest(call.tx, row, {
    after: asked.after,
    limit: asked.limit + 1,
    before_commit: beforeCommitId,
    after_commit: afterCommitId,
  })
  const { conversations: found, nextToken } = await conversations(call, rows, asked.limit)
  return {
    commentsForPullRequestData: found.map(({ first, comments }) => ({
      pullRequestId,
      repositoryName: first.repository_name,
      ...placeShape(first),
      comments,
    })),
    ...(nextToken && { nextToken }),
  }
}
