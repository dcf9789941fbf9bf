// Ids of a repository's pull requests, those with the latest activity first.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { isIdentityArn } from '../../identityArn.ts'
import { listPullRequests as list } from '../../pullRequests/pullRequests.ts'
import { requireRepository } from '../../repositories.ts'

const PAGE = 100

/** DEVIATES: an author that does not exist has no pull requests; AWS answers AuthorDoesNotExistException. */
export const listPullRequests: Handler<'codecommit', 'ListPullRequests'> = async (call, input) => {
  const { authorArn: author, pullRequestStatus: status, maxResults = PAGE, nextToken: token } = input
  if (author !== undefined && !isIdentityArn(author)) refuse('InvalidAuthorArnException')
  if (maxResults < 1) refuse('InvalidMaxResultsException')
  const limit = Math.min(maxResults, PAGE)
  const after = token === undefined ? undefined : readPageToken(token)
  const [time, number] = after ?? []
  if (token !== undefined && !(after?.length === 2 && typeof time === 'number' && typeof number === 'number')) {
    refuse('InvalidContinuationTokenException')
  }
  const { id } = await requireRepository(call, input.repositoryName)
  const rows = await list(call.tx, id, {
    status,
    author,
    ...(after && { after: [time as number, number as number] as const }),
    limit: limit + 1,
  })
  const { items, nextToken } = page(rows, limit, row => [row.last_activity_at.getTime(), row.number])
  return { pullRequestIds: items.map(row => String(row.number)), ...(nextToken && { nextToken }) }
}
