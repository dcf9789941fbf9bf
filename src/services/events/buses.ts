// Event buses: their rows and the shape that callers see. `default` needs no row until something is set on it.

import type { EventBus } from '@aws-sdk/client-eventbridge'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { busArn, DEFAULT_BUS } from './arns.ts'
import { noSuchBus } from './errors.ts'
import { startsWith } from './prefix.ts'

export interface BusRow {
  name: string
  description: string | null
  created_at: Date | null
  modified_at: Date | null
  policy: string | null
  tags: Record<string, string>
}

const BARE_DEFAULT: BusRow = {
  name: DEFAULT_BUS,
  description: null,
  created_at: null,
  modified_at: null,
  policy: null,
  tags: {},
}

export async function findBus(tx: Tx, { account, region }: Scope, name: string): Promise<BusRow | undefined> {
  const row = await tx.one<BusRow>`
    select name, description, created_at, modified_at, policy, tags from events.buses
    where account = ${account} and region = ${region} and name = ${name}`
  return row ?? (name === DEFAULT_BUS ? BARE_DEFAULT : undefined)
}

export const requireBus = async (tx: Tx, scope: Scope, name: string) =>
  (await findBus(tx, scope, name)) ?? noSuchBus(name)

/** False when there is one of that name. */
export async function insertBus(tx: Tx, { account, region }: Scope, bus: BusRow, now: Date): Promise<boolean> {
  const inserted = await tx.run`
    insert into events.buses (account, region, name, description, created_at, modified_at, policy, tags)
    values (${account}, ${region}, ${bus.name}, ${bus.description}, ${now}, ${now}, ${bus.policy},
            ${JSON.stringify(bus.tags)})
    on conflict do nothing`
  return inserted === 1
}

/** Saves description, policy and tags; makes the row of the default bus when it has none. */
export const saveBus = (tx: Tx, { account, region }: Scope, bus: BusRow, now: Date) =>
  tx.run`
    insert into events.buses (account, region, name, description, created_at, modified_at, policy, tags)
    values (${account}, ${region}, ${bus.name}, ${bus.description}, ${now}, ${now}, ${bus.policy},
            ${JSON.stringify(bus.tags)})
    on conflict (account, region, name) do update set
      description = excluded.description, modified_at = excluded.modified_at,
      policy = excluded.policy, tags = excluded.tags`

export const deleteBus = (tx: Tx, { account, region }: Scope, name: string) =>
  tx.run`delete from events.buses where account = ${account} and region = ${region} and name = ${name}`

/** Buses in order of name; the default one among them even without a row. */
export function listBuses(tx: Tx, { account, region }: Scope, prefix: string, after: string, limit: number) {
  return tx.rows<BusRow>`
    select * from (
      select name, description, created_at, modified_at, policy, tags from events.buses
      where account = ${account} and region = ${region}
      union all
      select ${DEFAULT_BUS}::text collate "C", null, null, null, null, '{}'::jsonb
      where not exists (select 1 from events.buses
                        where account = ${account} and region = ${region} and name = ${DEFAULT_BUS})
    ) b where name > ${after} ${startsWith(prefix)} order by name limit ${limit}`
}

export const toEventBus = (scope: Scope, row: BusRow): EventBus => ({
  Name: row.name,
  Arn: busArn(scope, row.name),
  Description: row.description ?? undefined,
  Policy: row.policy ?? undefined,
  CreationTime: row.created_at ?? undefined,
  LastModifiedTime: row.modified_at ?? undefined,
})
