// A new pull request is given a rule of each template that its repository has for its destination.

import type { Call } from '../../../operation/call.ts'
import { insertRule } from '../approvals/approvalRules.ts'
import { concernsBranch, readRuleContent } from '../approvals/ruleContent.ts'
import type { PullRequestRow } from '../pullRequests/pullRequests.ts'
import { templatesOf } from './templates.ts'

export async function applyTemplates(call: Call, row: PullRequestRow): Promise<void> {
  for (const template of await templatesOf(call.tx, row.repository_id)) {
    const content = readRuleContent(template.content, { template: true })
    if (!content || !concernsBranch(content, row.destination_reference)) continue
    await insertRule(call.tx, row, {
      id: call.ids.uuid(),
      name: template.name,
      content: template.content,
      created_at: call.now,
      modified_by: template.modified_by,
      template_id: template.id,
      template_name: template.name,
    })
  }
}
