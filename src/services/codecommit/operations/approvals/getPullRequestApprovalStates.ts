// Who approved a revision.

import type { Handler } from '../../../../operation/handler.ts'
import { approversOf } from '../../approvals/approvals.ts'
import { requirePullRequest, requireRevision } from '../../pullRequests/pullRequests.ts'

export const getPullRequestApprovalStates: Handler<'codecommit', 'GetPullRequestApprovalStates'> = async (
  call,
  input,
) => {
  const row = await requirePullRequest(call, input.pullRequestId)
  const approvers = await approversOf(call.tx, row, await requireRevision(call, row, input.revisionId))
  return { approvals: approvers.map(userArn => ({ userArn, approvalState: 'APPROVE' as const })) }
}
