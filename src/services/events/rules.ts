// Rules: their rows, the version that changes with them, and the shape that callers see.

import type { Rule, RuleState } from '@aws-sdk/client-eventbridge'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { ruleArn } from './arns.ts'
import { noSuchRule } from './errors.ts'
import { startsWith } from './prefix.ts'

export interface RuleRow {
  name: string
  bus: string
  pattern: string | null
  schedule: string | null
  state: RuleState
  description: string | null
  role_arn: string | null
  created_at: Date
  tags: Record<string, string>
}

const COLUMNS = sql`name, bus, pattern, schedule, state, description, role_arn, created_at, tags`

export const findRule = (tx: Tx, { account, region }: Scope, bus: string, name: string) =>
  tx.one<RuleRow>`
    select ${COLUMNS} from events.rules
    where account = ${account} and region = ${region} and bus = ${bus} and name = ${name}`

export const requireRule = async (tx: Tx, scope: Scope, bus: string, name: string) =>
  (await findRule(tx, scope, bus, name)) ?? noSuchRule(name, bus)

/** Locks the rule until the transaction ends. */
export async function lockRule(tx: Tx, { account, region }: Scope, bus: string, name: string): Promise<RuleRow> {
  const row = await tx.one<RuleRow>`
    select ${COLUMNS} from events.rules
    where account = ${account} and region = ${region} and bus = ${bus} and name = ${name} for update`
  return row ?? noSuchRule(name, bus)
}

/** Writes the rule; tags are those of its creation, as on AWS. */
export const putRule = (tx: Tx, { account, region }: Scope, rule: RuleRow) =>
  tx.run`
    insert into events.rules
      (account, region, bus, name, pattern, schedule, state, description, role_arn, created_at, tags)
    values (${account}, ${region}, ${rule.bus}, ${rule.name}, ${rule.pattern}, ${rule.schedule}, ${rule.state},
            ${rule.description}, ${rule.role_arn}, ${rule.created_at}, ${JSON.stringify(rule.tags)})
    on conflict (account, region, bus, name) do update set
      pattern = excluded.pattern, schedule = excluded.schedule, state = excluded.state,
      description = excluded.description, role_arn = excluded.role_arn, tags = excluded.tags`

export const deleteRule = (tx: Tx, { account, region }: Scope, bus: string, name: string) =>
  tx.run`
    delete from events.rules where account = ${account} and region = ${region} and bus = ${bus} and name = ${name}`

export function listRules(tx: Tx, { account, region }: Scope, bus: string, page: RulePage) {
  return tx.rows<RuleRow>`
    select ${COLUMNS} from events.rules
    where account = ${account} and region = ${region} and bus = ${bus} and name > ${page.after}
      ${startsWith(page.prefix)}
    order by name limit ${page.limit}`
}

export interface RulePage {
  readonly prefix?: string | undefined
  readonly after: string
  readonly limit: number
}

/** Every enabled rule of the bus that has a pattern. */
export const rulesWithPattern = (tx: Tx, { account, region }: Scope, bus: string) =>
  tx.rows<{ name: string; pattern: string }>`
    select name, pattern from events.rules
    where account = ${account} and region = ${region} and bus = ${bus} and state <> 'DISABLED' and pattern is not null
    order by name`

export async function ruleVersion(tx: Tx, { account, region }: Scope, bus: string): Promise<string> {
  const row = await tx.one<{ version: string }>`
    select version from events.rule_versions where account = ${account} and region = ${region} and bus = ${bus}`
  return row?.version ?? ''
}

/** Called in every transaction that changes a rule of the bus; `version` must be a new one. */
export const changeRuleVersion = (tx: Tx, { account, region }: Scope, bus: string, version: string) =>
  tx.run`
    insert into events.rule_versions (account, region, bus, version)
    values (${account}, ${region}, ${bus}, ${version})
    on conflict (account, region, bus) do update set version = excluded.version`

export const toRule = (scope: Scope, row: RuleRow): Rule => ({
  Name: row.name,
  Arn: ruleArn(scope, row.bus, row.name),
  EventPattern: row.pattern ?? undefined,
  State: row.state,
  Description: row.description ?? undefined,
  ScheduleExpression: row.schedule ?? undefined,
  RoleArn: row.role_arn ?? undefined,
  EventBusName: row.bus,
})

export async function countRules(tx: Tx, { account, region }: Scope, bus: string): Promise<number> {
  const row = await tx.one<{ count: number }>`
    select count(*) as count from events.rules where account = ${account} and region = ${region} and bus = ${bus}`
  return row!.count
}
