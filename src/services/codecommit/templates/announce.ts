// The EventBridge events of templates of approval rules, member for member as the user guide shows them.

import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import { longDate } from '../pullRequests/announce.ts'
import { type RepositoryRow, repositoryArn } from '../repositories.ts'
import type { TemplateRow } from './templates.ts'

export type TemplateEvent =
  | 'approvalRuleTemplateCreated'
  | 'approvalRuleTemplateUpdated'
  | 'approvalRuleTemplateDeleted'
  | 'approvalRuleTemplateAssociatedWithRepository'
  | 'approvalRuleTemplateDisassociatedFromRepository'
  | 'batchAssociateApprovalRuleTemplateWithRepositories'
  | 'batchDisassociateApprovalRuleTemplateFromRepositories'

export async function announceTemplate(
  call: Call,
  row: TemplateRow,
  event: TemplateEvent,
  repositories: readonly RepositoryRow[] = [],
): Promise<void> {
  const caller = principalArn(call.principal)
  const names = `[${repositories.map(({ name }) => name).join(', ')}]`
  await call.emit({
    source: 'aws.codecommit',
    detailType: 'CodeCommit Approval Rule Template Change',
    resources: repositories.map(repository => repositoryArn(repository, repository.name)),
    detail: {
      approvalRuleTemplateContentSha256: row.content_sha256,
      approvalRuleTemplateId: row.id,
      approvalRuleTemplateName: row.name,
      callerUserArn: caller,
      creationDate: longDate(row.created_at),
      event,
      lastModifiedDate: longDate(row.modified_at),
      notificationBody: `A approval rule template event occurred in the following AWS CodeCommit account: ${row.account}. User: ${caller}. Additional information: An approval rule template ${happened(row, event, names)}. For more information, go to the AWS CodeCommit console.`,
      repositories: Object.fromEntries(repositories.map(({ name, id }) => [name, id])),
    },
  })
}

// AWS: the forms are those of the examples in [monitoring-events].
function happened(row: TemplateRow, event: TemplateEvent, names: string): string {
  switch (event) {
    case 'approvalRuleTemplateCreated':
      return `with the following name has been created: ${row.name}. The ID of the created template is: ${row.id}`
    case 'approvalRuleTemplateUpdated':
      return `with the following name has been updated: ${row.name}. The ID of the updated template is: ${row.id}. The after rule template content SHA256 is ${row.content_sha256}`
    case 'approvalRuleTemplateDeleted':
      return `with the following name has been deleted: ${row.name}. The ID of the updated template is: ${row.id}`
    case 'approvalRuleTemplateAssociatedWithRepository':
      return `has been associated with the following repository: ${names}`
    case 'approvalRuleTemplateDisassociatedFromRepository':
      return `has been disassociated from the following repository: ${names}`
    case 'batchAssociateApprovalRuleTemplateWithRepositories':
      return `has been batch associated with the following repository names: ${names}`
    case 'batchDisassociateApprovalRuleTemplateFromRepositories':
      return `has been batch disassociated from the following repository names: ${names}`
  }
}
