// The same for many repositories; those that fail are told.

import type { Handler } from '../../../../operation/handler.ts'
import { announceTemplate } from '../../templates/announce.ts'
import { setAssociations } from '../../templates/associations.ts'
import { requireTemplate } from '../../templates/templates.ts'

export const batchAssociateApprovalRuleTemplateWithRepositories: Handler<
  'codecommit',
  'BatchAssociateApprovalRuleTemplateWithRepositories'
> = async (call, { approvalRuleTemplateName, repositoryNames }) => {
  const template = await requireTemplate(call, approvalRuleTemplateName)
  const { done, errors } = await setAssociations(call, template, repositoryNames, true)
  if (done.length > 0)
    await announceTemplate(call, template, 'batchAssociateApprovalRuleTemplateWithRepositories', done)
  return { associatedRepositoryNames: done.map(({ name }) => name), errors }
}
