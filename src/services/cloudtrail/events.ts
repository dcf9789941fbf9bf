// Rows of the trail: written one by one in the caller's transaction or many at once, found again, pruned.

import type { Scope } from '../../core/scope.ts'
import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import type { EventRow } from './record.ts'

/** One statement, however many rows. */
export const insertEvents = (tx: Tx, rows: readonly EventRow[]) =>
  tx.run`
    insert into cloudtrail.events
      (event_id, account, region, time, name, source, username, access_key, read_only, resource_types, resource_names,
       record)
    select event_id, account, region, time, name, source, username, access_key, read_only, resource_types,
           resource_names, record
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
      event_id text, account text, region text, time timestamptz, name text, source text, username text,
      access_key text, read_only boolean, resource_types text[], resource_names text[], record text)`

export interface StoredEvent {
  seq: number
  event_id: string
  time: Date
  name: string
  source: string
  username: string | null
  access_key: string | null
  read_only: boolean
  resource_types: string[]
  resource_names: string[]
  record: string
}

export type Attribute =
  | { readonly key: 'EventId' | 'EventName' | 'EventSource' | 'Username' | 'AccessKeyId'; readonly value: string }
  | { readonly key: 'ResourceName' | 'ResourceType'; readonly value: string }
  | { readonly key: 'ReadOnly'; readonly value: boolean }

export interface Lookup {
  readonly attribute: Attribute | undefined
  readonly from: Date
  /** Inclusive. */
  readonly until: Date
  /** Only what is older than this event. */
  readonly before: { readonly time: Date; readonly seq: number } | undefined
  readonly limit: number
}

/** Newest first. */
export function lookUp(tx: Tx, { account, region }: Scope, { attribute, from, until, before, limit }: Lookup) {
  const older = before ? sql`and (time, seq) < (${before.time}, ${before.seq})` : sql``
  return tx.rows<StoredEvent>`
    select seq, event_id, time, name, source, username, access_key, read_only, resource_types, resource_names, record
    from cloudtrail.events
    where account = ${account} and region = ${region} and time >= ${from} and time <= ${until}
      ${attribute ? condition(attribute) : sql``} ${older}
    order by time desc, seq desc limit ${limit}`
}

function condition(attribute: Attribute): Sql {
  switch (attribute.key) {
    case 'EventId':
      return sql`and event_id = ${attribute.value}`
    case 'EventName':
      return sql`and name = ${attribute.value}`
    case 'EventSource':
      return sql`and source = ${attribute.value}`
    case 'Username':
      return sql`and username = ${attribute.value}`
    case 'AccessKeyId':
      return sql`and access_key = ${attribute.value}`
    case 'ResourceName':
      return sql`and resource_names <> '{}' and resource_names @> array[${attribute.value}::text]`
    case 'ResourceType':
      return sql`and ${attribute.value}::text = any(resource_types)`
    case 'ReadOnly':
      return attribute.value ? sql`and read_only` : sql`and not read_only`
  }
}

/** Deletes up to `limit` events from before `cutoff`; answers how many. */
export const pruneEvents = (tx: Tx, cutoff: Date, limit: number) =>
  tx.run`
    delete from cloudtrail.events
    where seq in (select seq from cloudtrail.events where time < ${cutoff} limit ${limit})`
