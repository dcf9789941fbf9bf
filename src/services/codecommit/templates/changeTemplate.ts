// One part of a template changed, with its event.

import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import { announceTemplate } from './announce.ts'
import { requireTemplate, type TemplateRow, templateShape, updateTemplate } from './templates.ts'

export async function changeTemplate(
  call: Call,
  row: TemplateRow,
  change: Partial<Pick<TemplateRow, 'name' | 'description' | 'content'>>,
) {
  await updateTemplate(call, row.id, { ...row, ...change }, principalArn(call.principal))
  const changed = await requireTemplate(call, change.name ?? row.name)
  await announceTemplate(call, changed, 'approvalRuleTemplateUpdated')
  return { approvalRuleTemplate: templateShape(changed) }
}
