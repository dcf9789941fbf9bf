// The SQL of metrics: what a metric is, and finding and listing them.

import { createHash } from 'node:crypto'
import type { Dimension, DimensionFilter } from '@aws-sdk/client-cloudwatch'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'

/** Namespace, name and all dimensions together name a metric. */
export interface MetricKey {
  readonly namespace: string
  readonly name: string
  /** In order of name. */
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[]
}

export interface MetricRow extends MetricKey {
  readonly id: number
}

export function metricKey(namespace: string, name: string, dimensions: readonly Dimension[] = []): MetricKey {
  const sorted = dimensions
    .map(({ Name, Value }) => ({ Name: Name!, Value: Value! }))
    .sort((a, b) => (a.Name < b.Name ? -1 : a.Name > b.Name ? 1 : 0))
  return { namespace, name, dimensions: sorted }
}

const dimensionsHash = ({ dimensions }: MetricKey) =>
  createHash('sha256')
    .update(JSON.stringify(dimensions.map(({ Name, Value }) => [Name, Value])))
    .digest('base64url')

/** One text that stands for a metric in maps. */
export const metricText = (key: MetricKey) => JSON.stringify([key.namespace, key.name, dimensionsHash(key)])

const asked = (keys: readonly MetricKey[]) =>
  JSON.stringify(
    keys.map(key => ({
      namespace: key.namespace,
      name: key.name,
      hash: dimensionsHash(key),
      dimensions: key.dimensions,
    })),
  )

/** Ids of those of `keys` that exist, by `metricText`. */
export async function findMetrics(
  tx: Tx,
  { account, region }: Scope,
  keys: readonly MetricKey[],
): Promise<Map<string, number>> {
  const rows = await tx.rows<{ id: number; namespace: string; name: string; hash: string }>`
    select m.id, m.namespace, m.name, m.dimensions_hash as hash
    from jsonb_to_recordset(${asked(keys)}::jsonb) as k(namespace text, name text, hash text)
    join cloudwatch.metrics m on m.account = ${account} and m.region = ${region}
      and m.namespace = k.namespace and m.name = k.name and m.dimensions_hash = k.hash`
  return new Map(rows.map(row => [JSON.stringify([row.namespace, row.name, row.hash]), row.id]))
}

/** Ids of all of `keys`, made where they are new. In one order, so that two batches never wait for each other in a circle. */
export async function ensureMetrics(
  tx: Tx,
  scope: Scope,
  keys: readonly MetricKey[],
  now: Date,
): Promise<Map<string, number>> {
  const known = await findMetrics(tx, scope, keys)
  const fresh = keys.filter(key => !known.has(metricText(key)))
  if (fresh.length > 0) {
    await tx.run`
      insert into cloudwatch.metrics (account, region, namespace, name, dimensions, dimensions_hash, last_put_at)
      select ${scope.account}, ${scope.region}, k.namespace, k.name, k.dimensions, k.hash, ${now}
      from jsonb_to_recordset(${asked(fresh)}::jsonb) as k(namespace text, name text, hash text, dimensions jsonb)
      order by k.namespace, k.name, k.hash
      on conflict do nothing`
  }
  const stale = new Date(now.getTime() - 300_000)
  if (known.size > 0) {
    await tx.run`
      update cloudwatch.metrics set last_put_at = ${now} where id in (
        select id from cloudwatch.metrics where id = any(${[...known.values()]}::bigint[]) and last_put_at < ${stale}
        order by id for update)`
  }
  return fresh.length === 0 ? known : findMetrics(tx, scope, keys)
}

export interface MetricFilter {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly dimensions?: readonly DimensionFilter[] | undefined
  readonly since: Date
}

/** One page in order of namespace and name, one row more than `limit` when there are more. */
export function listMetrics(
  tx: Tx,
  { account, region }: Scope,
  { namespace, name, dimensions = [], since }: MetricFilter,
  { after, limit }: { after?: readonly (string | number)[] | undefined; limit: number },
): Promise<MetricRow[]> {
  const wanted = dimensions.map(({ Name, Value }) => (Value === undefined ? { Name } : { Name, Value }))
  return tx.rows<MetricRow>`
    select id, namespace, name, dimensions from cloudwatch.metrics
    where account = ${account} and region = ${region} and last_put_at > ${since}
      ${namespace === undefined ? sql`` : sql`and namespace = ${namespace}`}
      ${name === undefined ? sql`` : sql`and name = ${name}`}
      ${wanted.length === 0 ? sql`` : sql`and dimensions @> ${JSON.stringify(wanted)}::jsonb`}
      ${after ? sql`and (namespace, name, id) > (${after[0]}::text, ${after[1]}::text, ${after[2]}::bigint)` : sql``}
    order by namespace, name, id limit ${limit + 1}`
}

export async function deleteIdleMetrics(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run`
    delete from cloudwatch.metrics where id in (
      select id from cloudwatch.metrics where last_put_at < ${before} order by last_put_at limit ${limit})`
}
