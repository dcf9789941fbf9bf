// Another name; rules that came from it keep the old one.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { changeTemplate } from '../../templates/changeTemplate.ts'
import { checkTemplateName, findTemplate, requireTemplate } from '../../templates/templates.ts'

export const updateApprovalRuleTemplateName: Handler<'codecommit', 'UpdateApprovalRuleTemplateName'> = async (
  call,
  { oldApprovalRuleTemplateName: old, newApprovalRuleTemplateName: name },
) => {
  checkTemplateName(name)
  const row = await requireTemplate(call, old)
  if (name !== old && (await findTemplate(call.tx, call.scope, name))) {
    refuse('ApprovalRuleTemplateNameAlreadyExistsException')
  }
  return changeTemplate(call, row, { name })
}
