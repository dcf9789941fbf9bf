// Closes a pull request without merging it.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { closeUnmerged } from '../../pullRequests/followReferences.ts'
import { lockPullRequest, requirePullRequest } from '../../pullRequests/pullRequests.ts'
import { pullRequestShape } from '../../pullRequests/shape.ts'

// AWS: from OPEN to OPEN, OPEN to CLOSED, CLOSED to CLOSED; a closed one is never opened again [UpdatePullRequestStatus].
export const updatePullRequestStatus: Handler<'codecommit', 'UpdatePullRequestStatus'> = async (call, input) => {
  const { pullRequestId, pullRequestStatus: status } = input
  const row = await lockPullRequest(call, pullRequestId)
  if (row.status === 'CLOSED' && status === 'OPEN') refuse('InvalidPullRequestStatusUpdateException')
  if (row.status === 'OPEN' && status === 'CLOSED') await closeUnmerged(call, row)
  return { pullRequest: await pullRequestShape(call, await requirePullRequest(call, pullRequestId)) }
}
