// The SQL of alarms, and an alarm as AWS shows it.

import type { MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import type { AlarmDefinition } from './alarmDefinition.ts'
import { alarmArn } from './arns.ts'
import type { AlarmState } from './evaluateAlarm.ts'

export interface AlarmRow {
  readonly name: string
  readonly definition: AlarmDefinition
  readonly tags: Readonly<Record<string, string>>
  readonly state: AlarmState
  readonly state_reason: string
  readonly state_reason_data: string | null
  readonly state_updated_at: Date
  readonly state_since: Date
  readonly configured_at: Date
}

const COLUMNS = sql`name, definition, tags, state, state_reason, state_reason_data, state_updated_at, state_since, configured_at`

export function findAlarm(tx: Tx, { account, region }: Scope, name: string): Promise<AlarmRow | undefined> {
  return tx.one<AlarmRow>`
    select ${COLUMNS} from cloudwatch.alarms where account = ${account} and region = ${region} and name = ${name}`
}

export function lockAlarm(tx: Tx, { account, region }: Scope, name: string): Promise<AlarmRow | undefined> {
  return tx.one<AlarmRow>`
    select ${COLUMNS} from cloudwatch.alarms where account = ${account} and region = ${region} and name = ${name} for update`
}

/** In order of name, so that two callers never wait for each other in a circle. */
export function lockAlarms(tx: Tx, { account, region }: Scope, names: readonly string[]): Promise<AlarmRow[]> {
  return tx.rows<AlarmRow>`
    select ${COLUMNS} from cloudwatch.alarms
    where account = ${account} and region = ${region} and name = any(${names}::text[]) order by name for update`
}

export async function saveAlarm(tx: Tx, { account, region }: Scope, row: AlarmRow): Promise<void> {
  const { MetricName, Namespace } = row.definition
  await tx.run`
    insert into cloudwatch.alarms (account, region, namespace, metric_name, ${COLUMNS})
    values (${account}, ${region}, ${Namespace ?? null}, ${MetricName ?? null}, ${row.name}, ${JSON.stringify(row.definition)},
      ${JSON.stringify(row.tags)}, ${row.state}, ${row.state_reason}, ${row.state_reason_data}, ${row.state_updated_at},
      ${row.state_since}, ${row.configured_at})
    on conflict (account, region, name) do update set namespace = excluded.namespace, metric_name = excluded.metric_name,
      definition = excluded.definition, tags = excluded.tags, state = excluded.state, state_reason = excluded.state_reason,
      state_reason_data = excluded.state_reason_data, state_updated_at = excluded.state_updated_at,
      state_since = excluded.state_since, configured_at = excluded.configured_at`
}

export async function deleteAlarms(tx: Tx, { account, region }: Scope, names: readonly string[]): Promise<void> {
  await tx.run`
    delete from cloudwatch.alarms where account = ${account} and region = ${region} and name = any(${names}::text[])`
}

export interface AlarmFilter {
  readonly names?: readonly string[] | undefined
  readonly prefix?: string | undefined
  readonly state?: string | undefined
  readonly actionPrefix?: string | undefined
  readonly after: string
  readonly limit: number
}

/** One page in order of name, one row more than `limit` when there are more. */
export function listAlarms(
  tx: Tx,
  { account, region }: Scope,
  { names, prefix, state, actionPrefix, after, limit }: AlarmFilter,
): Promise<AlarmRow[]> {
  return tx.rows<AlarmRow>`
    select ${COLUMNS} from cloudwatch.alarms
    where account = ${account} and region = ${region} and name > ${after}
      ${names === undefined ? sql`` : sql`and name = any(${names}::text[])`}
      ${prefix === undefined ? sql`` : sql`and starts_with(name, ${prefix})`}
      ${state === undefined ? sql`` : sql`and state = ${state}`}
      ${
        actionPrefix === undefined
          ? sql``
          : sql`and exists (
              select 1 from jsonb_array_elements_text(coalesce(definition->'AlarmActions', '[]') || coalesce(definition->'OKActions', '[]')
                || coalesce(definition->'InsufficientDataActions', '[]')) as action where starts_with(action, ${actionPrefix}))`
      }
    order by name limit ${limit + 1}`
}

export function alarmsOfMetric(
  tx: Tx,
  { account, region }: Scope,
  namespace: string,
  metric: string,
): Promise<AlarmRow[]> {
  return tx.rows<AlarmRow>`
    select ${COLUMNS} from cloudwatch.alarms
    where account = ${account} and region = ${region} and namespace = ${namespace} and metric_name = ${metric} order by name`
}

export function alarmShape(scope: Scope, row: AlarmRow): MetricAlarm {
  const { AlarmActions = [], OKActions = [], InsufficientDataActions = [], Dimensions, ...definition } = row.definition
  return {
    ...definition,
    AlarmName: row.name,
    AlarmArn: alarmArn(scope, row.name),
    AlarmActions,
    OKActions,
    InsufficientDataActions,
    ...(definition.Metrics ? {} : { Dimensions: Dimensions ?? [] }),
    AlarmConfigurationUpdatedTimestamp: row.configured_at,
    StateValue: row.state,
    StateReason: row.state_reason,
    ...(row.state_reason_data !== null && { StateReasonData: row.state_reason_data }),
    StateUpdatedTimestamp: row.state_updated_at,
    StateTransitionedTimestamp: row.state_since,
  }
}
