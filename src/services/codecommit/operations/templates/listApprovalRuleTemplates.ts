// Names of the templates of this region.

import type { Handler } from '../../../../operation/handler.ts'
import { namesPage } from '../../templates/names.ts'
import { listTemplates } from '../../templates/templates.ts'

export const listApprovalRuleTemplates: Handler<'codecommit', 'ListApprovalRuleTemplates'> = async (call, input) => {
  const { names, nextToken } = await namesPage(input, (after, limit) =>
    listTemplates(call.tx, call.scope, after, limit),
  )
  return { approvalRuleTemplateNames: names, ...(nextToken && { nextToken }) }
}
