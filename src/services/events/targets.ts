// Targets of rules: their rows.

import type { Target } from '@aws-sdk/client-eventbridge'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'

export interface RuleKey {
  readonly bus: string
  readonly rule: string
}

export const putTarget = (tx: Tx, { account, region }: Scope, { bus, rule }: RuleKey, target: Target) =>
  tx.run`
    insert into events.targets (account, region, bus, rule, id, arn, target)
    values (${account}, ${region}, ${bus}, ${rule}, ${target.Id}, ${target.Arn}, ${JSON.stringify(target)})
    on conflict (account, region, bus, rule, id) do update set arn = excluded.arn, target = excluded.target`

export const deleteTargets = (tx: Tx, { account, region }: Scope, { bus, rule }: RuleKey, ids: readonly string[]) =>
  tx.run`
    delete from events.targets
    where account = ${account} and region = ${region} and bus = ${bus} and rule = ${rule} and id = any(${ids}::text[])`

export async function listTargets(
  tx: Tx,
  { account, region }: Scope,
  { bus, rule }: RuleKey,
  after = '',
  limit = 1000,
): Promise<Target[]> {
  const rows = await tx.rows<{ target: Target }>`
    select target from events.targets
    where account = ${account} and region = ${region} and bus = ${bus} and rule = ${rule} and id > ${after}
    order by id limit ${limit}`
  return rows.map(row => row.target)
}

export async function findTarget(tx: Tx, { account, region }: Scope, { bus, rule }: RuleKey, id: string) {
  const row = await tx.one<{ target: Target }>`
    select target from events.targets
    where account = ${account} and region = ${region} and bus = ${bus} and rule = ${rule} and id = ${id}`
  return row?.target
}

/** Rule and target id of every target of these rules. */
export function targetIdsOfRules(tx: Tx, { account, region }: Scope, bus: string, rules: readonly string[]) {
  return tx.rows<{ rule: string; id: string; target: Target }>`
    select rule, id, target from events.targets
    where account = ${account} and region = ${region} and bus = ${bus} and rule = any(${rules}::text[])
    order by rule, id`
}

/** Names of the bus's rules that have a target with this ARN. */
export async function ruleNamesByTarget(
  tx: Tx,
  { account, region }: Scope,
  bus: string,
  arn: string,
  page: { after: string; limit: number },
): Promise<string[]> {
  const rows = await tx.rows<{ rule: string }>`
    select distinct rule from events.targets
    where account = ${account} and region = ${region} and bus = ${bus} and arn = ${arn} and rule > ${page.after}
    order by rule limit ${page.limit}`
  return rows.map(row => row.rule)
}
