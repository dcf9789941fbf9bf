// Removes a template that no repository has any more; rules that came from it stay.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { announceTemplate } from '../../templates/announce.ts'
import { checkTemplateName, deleteTemplate, findTemplate, isAssociated } from '../../templates/templates.ts'

// AWS: deleting a template that is gone succeeds without content [DeleteApprovalRuleTemplate].
export const deleteApprovalRuleTemplate: Handler<'codecommit', 'DeleteApprovalRuleTemplate'> = async (
  call,
  { approvalRuleTemplateName: name },
) => {
  checkTemplateName(name)
  const row = await findTemplate(call.tx, call.scope, name)
  if (!row) return { approvalRuleTemplateId: undefined }
  if (await isAssociated(call.tx, row.id)) refuse('ApprovalRuleTemplateInUseException')
  await deleteTemplate(call.tx, row.id)
  await announceTemplate(call, row, 'approvalRuleTemplateDeleted')
  return { approvalRuleTemplateId: row.id }
}
