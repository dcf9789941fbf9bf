// Whether the rules of a revision are set aside, and by whom.

import type { Handler } from '../../../../operation/handler.ts'
import { overriderOf } from '../../approvals/approvals.ts'
import { requirePullRequest, requireRevision } from '../../pullRequests/pullRequests.ts'

export const getPullRequestOverrideState: Handler<'codecommit', 'GetPullRequestOverrideState'> = async (
  call,
  input,
) => {
  const row = await requirePullRequest(call, input.pullRequestId)
  const overrider = await overriderOf(call.tx, row, await requireRevision(call, row, input.revisionId))
  return { overridden: overrider !== undefined, ...(overrider !== undefined && { overrider }) }
}
