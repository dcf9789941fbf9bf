// A repository's coming pull requests are given the template's rule.

import type { Handler } from '../../../../operation/handler.ts'
import { announceTemplate } from '../../templates/announce.ts'
import { setAssociation } from '../../templates/associations.ts'
import { requireTemplate } from '../../templates/templates.ts'

export const associateApprovalRuleTemplateWithRepository: Handler<
  'codecommit',
  'AssociateApprovalRuleTemplateWithRepository'
> = async (call, { approvalRuleTemplateName, repositoryName }) => {
  const template = await requireTemplate(call, approvalRuleTemplateName)
  const { repository, changed } = await setAssociation(call, template, repositoryName, true)
  if (changed) await announceTemplate(call, template, 'approvalRuleTemplateAssociatedWithRepository', [repository])
  return {}
}
