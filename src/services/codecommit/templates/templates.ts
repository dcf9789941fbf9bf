// Templates of approval rules and their associations with repositories, as rows.

import type { ApprovalRuleTemplate } from '@aws-sdk/client-codecommit'
import type { Scope } from '../../../core/scope.ts'
import type { Call } from '../../../operation/call.ts'
import type { Tx } from '../../../store/tx.ts'
import { isRuleName } from '../approvals/approvalRules.ts'
import { contentSha256, readRuleContent } from '../approvals/ruleContent.ts'
import { refuse } from '../errors.ts'

export interface TemplateRow {
  readonly id: string
  readonly account: string
  readonly region: string
  readonly name: string
  readonly description: string | null
  readonly content: string
  readonly content_sha256: string
  readonly created_at: Date
  readonly modified_at: Date
  readonly modified_by: string
}

// AWS: 1,000 templates in a region, 25 associated with a repository, descriptions of at most 1,000 characters [limits].
export const MOST_TEMPLATES = 1000
export const MOST_ASSOCIATED = 25
const MOST_DESCRIPTION = 1000

export function checkTemplateName(name: string): void {
  if (!isRuleName(name)) refuse('InvalidApprovalRuleTemplateNameException')
}

export function checkTemplateContent(content: string): void {
  if (!readRuleContent(content, { template: true })) refuse('InvalidApprovalRuleTemplateContentException')
}

export function checkTemplateDescription(description: string | undefined): void {
  if ((description?.length ?? 0) > MOST_DESCRIPTION) refuse('InvalidApprovalRuleTemplateDescriptionException')
}

export async function findTemplate(tx: Tx, { account, region }: Scope, name: string): Promise<TemplateRow | undefined> {
  return tx.one<TemplateRow>`
    select * from codecommit.approval_rule_templates
    where account = ${account} and region = ${region} and name = ${name}`
}

/** The template, or InvalidApprovalRuleTemplateName-, ApprovalRuleTemplateDoesNotExistException. */
export async function requireTemplate(call: Call, name: string): Promise<TemplateRow> {
  checkTemplateName(name)
  return (await findTemplate(call.tx, call.scope, name)) ?? refuse('ApprovalRuleTemplateDoesNotExistException')
}

export async function countTemplates(tx: Tx, { account, region }: Scope): Promise<number> {
  const row = await tx.one<{ templates: number }>`
    select count(*)::int as templates from codecommit.approval_rule_templates
    where account = ${account} and region = ${region}`
  return row!.templates
}

/** False when the name is taken. */
export async function insertTemplate(
  tx: Tx,
  row: Omit<TemplateRow, 'content_sha256' | 'modified_at'>,
): Promise<boolean> {
  const count = await tx.run`
    insert into codecommit.approval_rule_templates
      (id, account, region, name, description, content, content_sha256, created_at, modified_at, modified_by)
    values (${row.id}, ${row.account}, ${row.region}, ${row.name}, ${row.description}, ${row.content},
      ${contentSha256(row.content)}, ${row.created_at}, ${row.created_at}, ${row.modified_by})
    on conflict (account, region, name) do nothing`
  return count === 1
}

export async function updateTemplate(
  call: Call,
  id: string,
  { name, description, content }: Pick<TemplateRow, 'name' | 'description' | 'content'>,
  user: string,
): Promise<void> {
  await call.tx.run`
    update codecommit.approval_rule_templates
    set name = ${name}, description = ${description}, content = ${content}, content_sha256 = ${contentSha256(content)},
      modified_at = ${call.now}, modified_by = ${user}
    where id = ${id}`
}

export async function deleteTemplate(tx: Tx, id: string): Promise<void> {
  await tx.run`delete from codecommit.approval_rule_templates where id = ${id}`
}

export async function listTemplates(tx: Tx, { account, region }: Scope, after: string, limit: number) {
  return tx.rows<{ name: string }>`
    select name from codecommit.approval_rule_templates
    where account = ${account} and region = ${region} and name > ${after} order by name limit ${limit}`
}

/** Those of a repository, whole: they are few. */
export async function templatesOf(tx: Tx, repositoryId: string): Promise<TemplateRow[]> {
  return tx.rows<TemplateRow>`
    select t.* from codecommit.approval_rule_templates t
    join codecommit.approval_rule_template_associations a on a.template_id = t.id
    where a.repository_id = ${repositoryId} order by t.name`
}

export async function isAssociated(tx: Tx, templateId: string): Promise<boolean> {
  return (
    (await tx.one`
      select 1 from codecommit.approval_rule_template_associations where template_id = ${templateId} limit 1`) !==
    undefined
  )
}

/** False when it was so already. */
export async function associate(tx: Tx, templateId: string, repositoryId: string): Promise<boolean> {
  const count = await tx.run`
    insert into codecommit.approval_rule_template_associations (template_id, repository_id)
    values (${templateId}, ${repositoryId}) on conflict do nothing`
  return count === 1
}

export async function disassociate(tx: Tx, templateId: string, repositoryId: string): Promise<boolean> {
  const count = await tx.run`
    delete from codecommit.approval_rule_template_associations
    where template_id = ${templateId} and repository_id = ${repositoryId}`
  return count === 1
}

export async function repositoriesOf(tx: Tx, templateId: string, after: string, limit: number) {
  return tx.rows<{ name: string }>`
    select r.name from codecommit.approval_rule_template_associations a
    join codecommit.repositories r on r.id = a.repository_id
    where a.template_id = ${templateId} and r.name > ${after} order by r.name limit ${limit}`
}

export function templateShape(row: TemplateRow): ApprovalRuleTemplate {
  return {
    approvalRuleTemplateId: row.id,
    approvalRuleTemplateName: row.name,
    ...(row.description !== null && { approvalRuleTemplateDescription: row.description }),
    approvalRuleTemplateContent: row.content,
    ruleContentSha256: row.content_sha256,
    lastModifiedDate: row.modified_at,
    creationDate: row.created_at,
    lastModifiedUser: row.modified_by,
  }
}
