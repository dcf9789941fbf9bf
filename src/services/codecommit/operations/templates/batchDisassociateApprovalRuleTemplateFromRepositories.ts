// The same for many repositories; those that fail are told.

import type { Handler } from '../../../../operation/handler.ts'
import { announceTemplate } from '../../templates/announce.ts'
import { setAssociations } from '../../templates/associations.ts'
import { requireTemplate } from '../../templates/templates.ts'

export const batchDisassociateApprovalRuleTemplateFromRepositories: Handler<
  'codecommit',
  'BatchDisassociateApprovalRuleTemplateFromRepositories'
> = async (call, { approvalRuleTemplateName, repositoryNames }) => {
  const template = await requireTemplate(call, approvalRuleTemplateName)
  const { done, errors } = await setAssociations(call, template, repositoryNames, false)
  if (done.length > 0)
    await announceTemplate(call, template, 'batchDisassociateApprovalRuleTemplateFromRepositories', done)
  return { disassociatedRepositoryNames: done.map(({ name }) => name), errors }
}
