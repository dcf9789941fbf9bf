// The caller approves the current revision, or takes the approval back.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { approversOf, deleteApproval, insertApproval } from '../../approvals/approvals.ts'
import { MOST_APPROVALS } from '../../approvals/ruleContent.ts'
import { refuse } from '../../errors.ts'
import { announcePullRequest } from '../../pullRequests/announce.ts'
import { record } from '../../pullRequests/history.ts'
import {
  lockOpenPullRequest,
  requireCurrentRevision,
  requirePullRequest,
  touch,
} from '../../pullRequests/pullRequests.ts'

/** What is so already stays so, without a record. */
export const updatePullRequestApprovalState: Handler<'codecommit', 'UpdatePullRequestApprovalState'> = async (
  call,
  { pullRequestId, revisionId: given, approvalState },
) => {
  const row = await lockOpenPullRequest(call, pullRequestId)
  const revisionId = await requireCurrentRevision(call, row, given)
  const user = principalArn(call.principal)
  // AWS: nobody approves an own pull request [how-to-review-pull-request].
  if (user === row.author_arn) refuse('PullRequestCannotBeApprovedByAuthorException')
  const approvers = await approversOf(call.tx, row, revisionId)
  if (approvers.includes(user) === (approvalState === 'APPROVE')) return {}
  if (approvalState === 'APPROVE') {
    if (approvers.length >= MOST_APPROVALS) refuse('MaximumNumberOfApprovalsExceededException')
    await insertApproval(call.tx, row, { revisionId, user, now: call.now })
  } else await deleteApproval(call.tx, row, { revisionId, user })
  await touch(call, row)
  await record(call, row, 'PULL_REQUEST_APPROVAL_STATE_CHANGED', {
    approvalStateChangedEventMetadata: { revisionId, approvalStatus: approvalState },
  })
  const now = await requirePullRequest(call, pullRequestId)
  await announcePullRequest(call, now, { event: 'pullRequestApprovalStateChanged', approvalStatus: approvalState })
  return {}
}
