// Another content for pull requests to come.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { changeTemplate } from '../../templates/changeTemplate.ts'
import { checkTemplateContent, requireTemplate } from '../../templates/templates.ts'

export const updateApprovalRuleTemplateContent: Handler<'codecommit', 'UpdateApprovalRuleTemplateContent'> = async (
  call,
  { approvalRuleTemplateName: name, newRuleContent: content, existingRuleContentSha256: sha },
) => {
  checkTemplateContent(content)
  const row = await requireTemplate(call, name)
  if (sha !== undefined && sha !== row.content_sha256) refuse('InvalidRuleContentSha256Exception')
  return changeTemplate(call, row, { content })
}
