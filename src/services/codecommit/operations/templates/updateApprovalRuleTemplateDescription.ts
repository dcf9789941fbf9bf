// Another description.

import type { Handler } from '../../../../operation/handler.ts'
import { changeTemplate } from '../../templates/changeTemplate.ts'
import { checkTemplateDescription, requireTemplate } from '../../templates/templates.ts'

export const updateApprovalRuleTemplateDescription: Handler<
  'codecommit',
  'UpdateApprovalRuleTemplateDescription'
> = async (call, { approvalRuleTemplateName: name, approvalRuleTemplateDescription: description }) => {
  checkTemplateDescription(description)
  return changeTemplate(call, await requireTemplate(call, name), { description: description || null })
}
