// Sets all rules of the current revision aside, or applies them again.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { overriderOf, setOverrider } from '../../approvals/approvals.ts'
import { refuse } from '../../errors.ts'
import { announcePullRequest } from '../../pullRequests/announce.ts'
import { record } from '../../pullRequests/history.ts'
import {
  lockOpenPullRequest,
  requireCurrentRevision,
  requirePullRequest,
  touch,
} from '../../pullRequests/pullRequests.ts'

// AWS: only while it is open; REVOKE is not stored [how-to-override-approval-rules].
export const overridePullRequestApprovalRules: Handler<'codecommit', 'OverridePullRequestApprovalRules'> = async (
  call,
  { pullRequestId, revisionId: given, overrideStatus },
) => {
  const row = await lockOpenPullRequest(call, pullRequestId)
  const revisionId = await requireCurrentRevision(call, row, given)
  const overrider = await overriderOf(call.tx, row, revisionId)
  const override = overrideStatus === 'OVERRIDE'
  if (override && overrider !== undefined) refuse('OverrideAlreadySetException')
  if (!override && overrider === undefined) return {}
  await setOverrider(call.tx, row, { revisionId, user: override ? principalArn(call.principal) : undefined })
  await touch(call, row)
  await record(call, row, 'PULL_REQUEST_APPROVAL_RULE_OVERRIDDEN', {
    approvalRuleOverriddenEventMetadata: { revisionId, overrideStatus },
  })
  const now = await requirePullRequest(call, pullRequestId)
  await announcePullRequest(call, now, { event: 'pullRequestApprovalRuleOverridden', overrideStatus })
  return {}
}
