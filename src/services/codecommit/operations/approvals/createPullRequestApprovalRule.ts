// A rule of this pull request's own.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { checkRuleName, findRule, insertRule, MOST_RULES, ruleShape, rulesOf } from '../../approvals/approvalRules.ts'
import { happenedToRule } from '../../approvals/happenedToRule.ts'
import { readRuleContent } from '../../approvals/ruleContent.ts'
import { refuse } from '../../errors.ts'
import { lockOpenPullRequest } from '../../pullRequests/pullRequests.ts'

export const createPullRequestApprovalRule: Handler<'codecommit', 'CreatePullRequestApprovalRule'> = async (
  call,
  { pullRequestId, approvalRuleName: name, approvalRuleContent: content },
) => {
  checkRuleName(name)
  if (!readRuleContent(content, { template: false })) refuse('InvalidApprovalRuleContentException')
  const row = await lockOpenPullRequest(call, pullRequestId)
  const rules = await rulesOf(call.tx, row)
  if (rules.some(rule => rule.name === name)) refuse('ApprovalRuleNameAlreadyExistsException')
  if (rules.length >= MOST_RULES) refuse('NumberOfRulesExceededException')
  await insertRule(call.tx, row, {
    id: call.ids.uuid(),
    name,
    content,
    created_at: call.now,
    modified_by: principalArn(call.principal),
    template_id: null,
    template_name: null,
  })
  const rule = (await findRule(call.tx, row, name))!
  await happenedToRule(call, row, rule, 'Created')
  return { approvalRule: ruleShape(rule) }
}
