// Names of the repositories that have a template.

import type { Handler } from '../../../../operation/handler.ts'
import { namesPage } from '../../templates/names.ts'
import { repositoriesOf, requireTemplate } from '../../templates/templates.ts'

export const listRepositoriesForApprovalRuleTemplate: Handler<
  'codecommit',
  'ListRepositoriesForApprovalRuleTemplate'
> = async (call, { approvalRuleTemplateName, ...input }) => {
  const { id } = await requireTemplate(call, approvalRuleTemplateName)
  const { names, nextToken } = await namesPage(input, (after, limit) => repositoriesOf(call.tx, id, after, limit))
  return { repositoryNames: names, ...(nextToken && { nextToken }) }
}
