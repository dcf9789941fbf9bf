// Removes a rule that was made for this pull request.

import type { Handler } from '../../../../operation/handler.ts'
import { checkRuleName, deleteRule, findRule } from '../../approvals/approvalRules.ts'
import { happenedToRule } from '../../approvals/happenedToRule.ts'
import { refuse } from '../../errors.ts'
import { lockOpenPullRequest } from '../../pullRequests/pullRequests.ts'

// AWS: deleting a rule that is gone succeeds without content [DeletePullRequestApprovalRule].
export const deletePullRequestApprovalRule: Handler<'codecommit', 'DeletePullRequestApprovalRule'> = async (
  call,
  { pullRequestId, approvalRuleName: name },
) => {
  checkRuleName(name)
  const row = await lockOpenPullRequest(call, pullRequestId)
  const rule = await findRule(call.tx, row, name)
  if (!rule) return { approvalRuleId: undefined }
  if (rule.template_id !== null) refuse('CannotDeleteApprovalRuleFromTemplateException')
  await deleteRule(call.tx, rule.id)
  await happenedToRule(call, row, rule, 'Deleted')
  return { approvalRuleId: rule.id }
}
