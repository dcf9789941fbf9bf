// Which rules the approvals of the current revision satisfy.

import type { Handler } from '../../../../operation/handler.ts'
import { evaluateRules } from '../../approvals/evaluate.ts'
import { requireCurrentRevision, requirePullRequest } from '../../pullRequests/pullRequests.ts'

export const evaluatePullRequestApprovalRules: Handler<'codecommit', 'EvaluatePullRequestApprovalRules'> = async (
  call,
  input,
) => {
  const row = await requirePullRequest(call, input.pullRequestId)
  await requireCurrentRevision(call, row, input.revisionId)
  return { evaluation: await evaluateRules(call, row) }
}
