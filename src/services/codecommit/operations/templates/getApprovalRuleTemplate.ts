// One template.

import type { Handler } from '../../../../operation/handler.ts'
import { requireTemplate, templateShape } from '../../templates/templates.ts'

export const getApprovalRuleTemplate: Handler<'codecommit', 'GetApprovalRuleTemplate'> = async (call, input) => ({
  approvalRuleTemplate: templateShape(await requireTemplate(call, input.approvalRuleTemplateName)),
})
