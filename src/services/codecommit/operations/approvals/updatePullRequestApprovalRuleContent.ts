// Another content for a rule that was made for this pull request.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { checkRuleName, findRule, ruleShape, updateRule } from '../../approvals/approvalRules.ts'
import { happenedToRule } from '../../approvals/happenedToRule.ts'
import { readRuleContent } from '../../approvals/ruleContent.ts'
import { refuse } from '../../errors.ts'
import { lockOpenPullRequest } from '../../pullRequests/pullRequests.ts'

export const updatePullRequestApprovalRuleContent: Handler<
  'codecommit',
  'UpdatePullRequestApprovalRuleContent'
> = async (
  call,
  { pullRequestId, approvalRuleName: name, newRuleContent: content, existingRuleContentSha256: sha },
) => {
  checkRuleName(name)
  if (!readRuleContent(content, { template: false })) refuse('InvalidApprovalRuleContentException')
  const row = await lockOpenPullRequest(call, pullRequestId)
  const rule = (await findRule(call.tx, row, name)) ?? refuse('ApprovalRuleDoesNotExistException')
  if (rule.template_id !== null) refuse('CannotModifyApprovalRuleFromTemplateException')
  if (sha !== undefined && sha !== rule.content_sha256) refuse('InvalidRuleContentSha256Exception')
  await updateRule(call.tx, rule.id, { content, now: call.now, user: principalArn(call.principal) })
  const changed = (await findRule(call.tx, row, name))!
  await happenedToRule(call, row, changed, 'Updated')
  return { approvalRule: ruleShape(changed) }
}
