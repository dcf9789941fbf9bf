// Names of the templates that a repository has.

import type { Handler } from '../../../../operation/handler.ts'
import { requireRepository } from '../../repositories.ts'
import { namesPage } from '../../templates/names.ts'
import { templatesOf } from '../../templates/templates.ts'

/** They are at most 25, so the page is cut from all of them. */
export const listAssociatedApprovalRuleTemplatesForRepository: Handler<
  'codecommit',
  'ListAssociatedApprovalRuleTemplatesForRepository'
> = async (call, { repositoryName, ...input }) => {
  const { id } = await requireRepository(call, repositoryName)
  const { names, nextToken } = await namesPage(input, async (after, limit) =>
    (await templatesOf(call.tx, id)).filter(({ name }) => name > after).slice(0, limit),
  )
  return { approvalRuleTemplateNames: names, ...(nextToken && { nextToken }) }
}
