// What happened to alarms: the SQL of their history, and the sentences and data that AWS writes into it.

import type { AlarmHistoryItem, HistoryItemType } from '@aws-sdk/client-cloudwatch'
import type { Scope } from '../../core/scope.ts'
import type { Call } from '../../operation/call.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'

export interface HistoryRow {
  readonly id: number
  readonly alarm: string
  readonly at: Date
  readonly type: HistoryItemType
  readonly summary: string
  readonly data: string
}

/** AWS: history is kept for 30 days. */
export const HISTORY_KEPT = 30 * 86_400_000

export async function record(
  call: Pick<Call, 'tx' | 'scope' | 'now'>,
  alarm: string,
  entry: { readonly type: HistoryItemType; readonly summary: string; readonly data: object },
): Promise<void> {
  const { account, region } = call.scope
  await call.tx.run`
    insert into cloudwatch.alarm_history (account, region, alarm, at, type, summary, data)
    values (${account}, ${region}, ${alarm}, ${call.now}, ${entry.type}, ${entry.summary}, ${JSON.stringify({ version: '1.0', ...entry.data })})`
}

export interface HistoryFilter {
  readonly alarm?: string | undefined
  readonly type?: string | undefined
  readonly start?: Date | undefined
  readonly end?: Date | undefined
  readonly ascending: boolean
  readonly after?: readonly [at: string, id: number] | undefined
  readonly limit: number
}

/** One page in order of time, one row more than `limit` when there are more. `key` is the time to the microsecond. */
export function listHistory(
  tx: Tx,
  { account, region }: Scope,
  { alarm, type, start, end, ascending, after, limit }: HistoryFilter,
): Promise<(HistoryRow & { key: string })[]> {
  const order = ascending ? sql`asc` : sql`desc`
  const beyond = ascending ? sql`>` : sql`<`
  return tx.rows`
    select id, alarm, at, at::text as key, type, summary, data from cloudwatch.alarm_history
    where account = ${account} and region = ${region}
      ${alarm === undefined ? sql`` : sql`and alarm = ${alarm}`}
      ${type === undefined ? sql`` : sql`and type = ${type}`}
      ${start === undefined ? sql`` : sql`and at >= ${start}`}
      ${end === undefined ? sql`` : sql`and at < ${end}`}
      ${after ? sql`and (at, id) ${beyond} (${after[0]}::timestamptz, ${after[1]}::bigint)` : sql``}
    order by at ${order}, id ${order} limit ${limit + 1}`
}

export async function deleteHistory(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run`
    delete from cloudwatch.alarm_history where id in (
      select id from cloudwatch.alarm_history where at < ${before} order by at limit ${limit})`
}

export const historyShape = (row: HistoryRow): AlarmHistoryItem => ({
  AlarmName: row.alarm,
  AlarmType: 'MetricAlarm',
  Timestamp: row.at,
  HistoryItemType: row.type,
  HistorySummary: row.summary,
  HistoryData: row.data,
})
