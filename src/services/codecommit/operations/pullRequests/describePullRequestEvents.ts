// The history of a pull request, oldest first.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { isIdentityArn } from '../../identityArn.ts'
import { eventShape, listEvents } from '../../pullRequests/history.ts'
import { requirePullRequest } from '../../pullRequests/pullRequests.ts'

// AWS: 100 is the default and the most [DescribePullRequestEvents].
const PAGE = 100

/** DEVIATES: an actor that does not exist did nothing; AWS answers ActorDoesNotExistException. */
export const describePullRequestEvents: Handler<'codecommit', 'DescribePullRequestEvents'> = async (call, input) => {
  const { pullRequestEventType: type, actorArn: actor, maxResults: limit = PAGE, nextToken: token } = input
  if (actor !== undefined && !isIdentityArn(actor)) refuse('InvalidActorArnException')
  if (limit < 1 || limit > PAGE) refuse('InvalidMaxResultsException')
  const [after] = token === undefined ? [0] : (readPageToken(token) ?? [])
  if (typeof after !== 'number') return refuse('InvalidContinuationTokenException')
  const row = await requirePullRequest(call, input.pullRequestId)
  const events = await listEvents(call.tx, row, { type, actor, after, limit: limit + 1 })
  const { items, nextToken } = page(events, limit, ({ sequence }) => [sequence])
  return { pullRequestEvents: items.map(event => eventShape(row, event)), ...(nextToken && { nextToken }) }
}
