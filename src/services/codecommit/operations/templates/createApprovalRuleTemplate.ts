// A template of approval rules; repositories have it once they are associated with it.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { refuse } from '../../errors.ts'
import { announceTemplate } from '../../templates/announce.ts'
import {
  checkTemplateContent,
  checkTemplateDescription,
  checkTemplateName,
  countTemplates,
  insertTemplate,
  MOST_TEMPLATES,
  requireTemplate,
  templateShape,
} from '../../templates/templates.ts'

export const createApprovalRuleTemplate: Handler<'codecommit', 'CreateApprovalRuleTemplate'> = async (call, input) => {
  const { approvalRuleTemplateName: name, approvalRuleTemplateContent: content } = input
  checkTemplateName(name)
  checkTemplateContent(content)
  checkTemplateDescription(input.approvalRuleTemplateDescription)
  if ((await countTemplates(call.tx, call.scope)) >= MOST_TEMPLATES) refuse('NumberOfRuleTemplatesExceededException')
  const inserted = await insertTemplate(call.tx, {
    id: call.ids.uuid(),
    ...call.scope,
    name,
    description: input.approvalRuleTemplateDescription || null,
    content,
    created_at: call.now,
    modified_by: principalArn(call.principal),
  })
  if (!inserted) refuse('ApprovalRuleTemplateNameAlreadyExistsException')
  const row = await requireTemplate(call, name)
  await announceTemplate(call, row, 'approvalRuleTemplateCreated')
  return { approvalRuleTemplate: templateShape(row) }
}
