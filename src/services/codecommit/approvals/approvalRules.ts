// Approval rules of pull requests as rows.

import type { ApprovalRule } from '@aws-sdk/client-codecommit'
import type { Tx } from '../../../store/tx.ts'
import { refuse } from '../errors.ts'
import type { PullRequestKey } from '../pullRequests/pullRequests.ts'
import { contentSha256 } from './ruleContent.ts'

export interface RuleRow {
  readonly id: string
  readonly name: string
  readonly content: string
  readonly content_sha256: string
  readonly created_at: Date
  readonly modified_at: Date
  readonly modified_by: string
  readonly template_id: string | null
  readonly template_name: string | null
}

// AWS: at most 30 rules on a pull request; names of letters, numbers, periods, spaces, underscores and dashes, not ending in .git [limits].
export const MOST_RULES = 30
export const isRuleName = (name: string): boolean => /^[\w. -]{1,100}$/.test(name) && !name.endsWith('.git')

export function checkRuleName(name: string): void {
  if (!isRuleName(name)) refuse('InvalidApprovalRuleNameException')
}

export async function rulesOf(tx: Tx, { account, region, number }: PullRequestKey): Promise<RuleRow[]> {
  return tx.rows<RuleRow>`
    select id, name, content, content_sha256, created_at, modified_at, modified_by, template_id, template_name
    from codecommit.approval_rules
    where account = ${account} and region = ${region} and number = ${number} order by created_at, name`
}

export async function findRule(tx: Tx, key: PullRequestKey, name: string): Promise<RuleRow | undefined> {
  return (await rulesOf(tx, key)).find(rule => rule.name === name)
}

export async function insertRule(
  tx: Tx,
  { account, region, number }: PullRequestKey,
  rule: Omit<RuleRow, 'modified_at' | 'content_sha256'>,
): Promise<void> {
  await tx.run`
    insert into codecommit.approval_rules (id, account, region, number, name, content, content_sha256, created_at,
      modified_at, modified_by, template_id, template_name)
    values (${rule.id}, ${account}, ${region}, ${number}, ${rule.name}, ${rule.content}, ${contentSha256(rule.content)},
      ${rule.created_at}, ${rule.created_at}, ${rule.modified_by}, ${rule.template_id}, ${rule.template_name})`
}

export async function updateRule(
  tx: Tx,
  id: string,
  { content, now, user }: { readonly content: string; readonly now: Date; readonly user: string },
): Promise<void> {
  await tx.run`
    update codecommit.approval_rules
    set content = ${content}, content_sha256 = ${contentSha256(content)}, modified_at = ${now}, modified_by = ${user}
    where id = ${id}`
}

export async function deleteRule(tx: Tx, id: string): Promise<void> {
  await tx.run`delete from codecommit.approval_rules where id = ${id}`
}

export function ruleShape(row: RuleRow): ApprovalRule {
  return {
    approvalRuleId: row.id,
    approvalRuleName: row.name,
    approvalRuleContent: row.content,
    ruleContentSha256: row.content_sha256,
    lastModifiedDate: row.modified_at,
    creationDate: row.created_at,
    lastModifiedUser: row.modified_by,
    ...(row.template_id !== null && {
      originApprovalRuleTemplate: {
        approvalRuleTemplateId: row.template_id,
        approvalRuleTemplateName: row.template_name!,
      },
    }),
  }
}
