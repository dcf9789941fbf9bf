// A rule came, changed or went: the record, the event, the activity.

import type { Call } from '../../../operation/call.ts'
import { announcePullRequest } from '../pullRequests/announce.ts'
import { record } from '../pullRequests/history.ts'
import { type PullRequestRow, requirePullRequest, touch } from '../pullRequests/pullRequests.ts'
import type { RuleRow } from './approvalRules.ts'

const TYPES = {
  Created: 'PULL_REQUEST_APPROVAL_RULE_CREATED',
  Updated: 'PULL_REQUEST_APPROVAL_RULE_UPDATED',
  Deleted: 'PULL_REQUEST_APPROVAL_RULE_DELETED',
} as const

export async function happenedToRule(call: Call, row: PullRequestRow, rule: RuleRow, what: keyof typeof TYPES) {
  await touch(call, row)
  await record(call, row, TYPES[what], {
    approvalRuleEventMetadata: {
      approvalRuleName: rule.name,
      approvalRuleId: rule.id,
      approvalRuleContent: rule.content,
    },
  })
  const now = await requirePullRequest(call, String(row.number))
  await announcePullRequest(call, now, { event: `pullRequestApprovalRule${what}`, rule })
}
