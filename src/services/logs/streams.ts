// Log streams: their rows and the shape that callers see.

import type { LogStream } from '@aws-sdk/client-cloudwatch-logs'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { streamArn } from './arns.ts'
import { noSuchGroup, noSuchStream } from './errors.ts'
import { startsWith } from './groups.ts'

export interface StreamRow {
  id: number
  group_id: number
  name: string
  created_at: Date
  first_event: number | null
  last_event: number | null
  last_ingested: number | null
  widest: number
}

export interface StreamOfGroup extends StreamRow {
  retention_days: number | null
  /** What batches are encrypted with, in a group with a KMS key. */
  data_key: number | null
}

const COLUMNS = sql`s.id, s.group_id, s.name, s.created_at, s.first_event, s.last_event, s.last_ingested, s.widest`

/** The stream with its group's retention and data key, in one query; fails as AWS does when group or stream is missing. */
export async function findStream(tx: Tx, scope: Scope, group: string, name: string): Promise<StreamOfGroup> {
  const row = await tx.one<StreamOfGroup | { id: null }>`
    select ${COLUMNS}, g.retention_days, g.data_key
    from logs.groups g left join logs.streams s on s.group_id = g.id and s.name = ${name}
    where g.account = ${scope.account} and g.region = ${scope.region} and g.name = ${group}`
  if (!row) return noSuchGroup()
  return row.id === null ? noSuchStream() : row
}

/** False when a stream of that name is there. */
export async function insertStream(tx: Tx, groupId: number, name: string, now: Date): Promise<boolean> {
  const inserted = await tx.run`
    insert into logs.streams (group_id, name, created_at) values (${groupId}, ${name}, ${now}) on conflict do nothing`
  return inserted === 1
}

export const deleteStream = (tx: Tx, id: number) => tx.run`delete from logs.streams where id = ${id}`

interface Listing {
  readonly prefix?: string | undefined
  readonly descending: boolean
  readonly limit: number
}

export function listStreamsByName(tx: Tx, groupId: number, after: string | undefined, listing: Listing) {
  const { prefix, descending, limit } = listing
  const beyond = after === undefined ? sql`` : descending ? sql`and name < ${after}` : sql`and name > ${after}`
  const within = prefix === undefined ? sql`` : startsWith(prefix)
  return tx.rows<StreamRow>`
    select ${COLUMNS} from logs.streams s where group_id = ${groupId} ${within} ${beyond}
    order by name ${descending ? sql`desc` : sql``} limit ${limit}`
}

/** Streams without events count as the oldest. */
export function listStreamsByTime(
  tx: Tx,
  groupId: number,
  after: { time: number; name: string } | undefined,
  { descending, limit }: Listing,
) {
  const direction = descending ? sql`desc` : sql``
  const beyond = !after
    ? sql``
    : descending
      ? sql`and (coalesce(last_event, 0), name) < (${after.time}, ${after.name})`
      : sql`and (coalesce(last_event, 0), name) > (${after.time}, ${after.name})`
  return tx.rows<StreamRow>`
    select ${COLUMNS} from logs.streams s where group_id = ${groupId} ${beyond}
    order by coalesce(last_event, 0) ${direction}, name ${direction} limit ${limit}`
}

/** Ids of the group's streams of these names. */
export async function streamIdsByName(tx: Tx, groupId: number, names: readonly string[]): Promise<number[]> {
  const rows = await tx.rows<{ id: number; name: string }>`
    select id, name from logs.streams where group_id = ${groupId} and name = any(${names}::text[])`
  return rows.map(row => row.id)
}

export async function streamIdsByPrefix(tx: Tx, groupId: number, prefix: string): Promise<number[]> {
  const rows = await tx.rows<{ id: number }>`
    select id from logs.streams where group_id = ${groupId} ${startsWith(prefix)}`
  return rows.map(row => row.id)
}

/** The longest span of any chunk in the group. */
export async function widestOfGroup(tx: Tx, groupId: number): Promise<number> {
  const row = await tx.one<{ widest: number | null }>`
    select max(widest) as widest from logs.streams where group_id = ${groupId}`
  return row?.widest ?? 0
}

export function toLogStream(scope: Scope, group: string, row: StreamRow): LogStream {
  return {
    logStreamName: row.name,
    creationTime: row.created_at.getTime(),
    ...(row.last_event !== null && {
      firstEventTimestamp: row.first_event ?? undefined,
      lastEventTimestamp: row.last_event,
      lastIngestionTime: row.last_ingested ?? undefined,
    }),
    arn: streamArn(scope, group, row.name),
    // AWS: storedBytes of a stream is always zero since June 17, 2019 (API reference, LogStream).
    storedBytes: 0,
  }
}
