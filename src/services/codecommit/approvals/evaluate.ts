// Whether the rules of a pull request are satisfied by the approvals of its current revision, or set aside.

import type { Call } from '../../../operation/call.ts'
import { refuse } from '../errors.ts'
import type { PullRequestRow } from '../pullRequests/pullRequests.ts'
import { rulesOf } from './approvalRules.ts'
import { approversOf, overriderOf } from './approvals.ts'
import { isSatisfied, readRuleContent } from './ruleContent.ts'

export interface RulesEvaluation {
  readonly approved: boolean
  readonly overridden: boolean
  readonly approvalRulesSatisfied: string[]
  readonly approvalRulesNotSatisfied: string[]
}

export async function evaluateRules(call: Pick<Call, 'tx'>, row: PullRequestRow): Promise<RulesEvaluation> {
  const rules = await rulesOf(call.tx, row)
  const approvers = await approversOf(call.tx, row, row.revision_id)
  const overrider = await overriderOf(call.tx, row, row.revision_id)
  const satisfied = (content: string) => {
    // A template's rule keeps the branches that it was for.
    const rule = readRuleContent(content, { template: true })
    return rule !== undefined && isSatisfied(rule, approvers)
  }
  const names = (wanted: boolean) => rules.filter(rule => satisfied(rule.content) === wanted).map(({ name }) => name)
  const approvalRulesNotSatisfied = names(false)
  return {
    approved: approvalRulesNotSatisfied.length === 0,
    overridden: overrider !== undefined,
    approvalRulesSatisfied: names(true),
    approvalRulesNotSatisfied,
  }
}

/** PullRequestApprovalRulesNotSatisfiedException unless it may be merged. */
export async function requireRulesSatisfied(call: Pick<Call, 'tx'>, row: PullRequestRow): Promise<void> {
  const { approved, overridden } = await evaluateRules(call, row)
  if (!approved && !overridden) refuse('PullRequestApprovalRulesNotSatisfiedException')
}
