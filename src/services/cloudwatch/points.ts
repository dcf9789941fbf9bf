// The SQL of a metric's data: one row for each metric, unit and minute, summed up as data comes; older rows grow wider.

import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'

/** Times each value came; null when they are not known. */
export type Sketch = Readonly<Record<string, number>>

export interface Aggregate {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly sketch: Sketch | null
}

export interface NewPoint extends Aggregate {
  readonly metric_id: number
  readonly at: Date
  /** Seconds: 1 or 60. */
  readonly width: number
  readonly unit: string
}

/** Adds to what is there. No two of `points` may have the same metric, time, width and unit. */
export async function addPoints(tx: Tx, points: readonly NewPoint[]): Promise<void> {
  await tx.run`
    insert into cloudwatch.points as p (metric_id, at, width, unit, count, sum, min, max, sketch)
    select metric_id, at, width, unit, count, sum, min, max, nullif(sketch, 'null'::jsonb)
    from jsonb_to_recordset(${JSON.stringify(points)}::jsonb) as r(metric_id bigint, at timestamptz, width int, unit text,
      count double precision, sum double precision, min double precision, max double precision, sketch jsonb)
    order by metric_id, at, width, unit
    on conflict (metric_id, at, width, unit) do update set
      count = p.count + excluded.count, sum = p.sum + excluded.sum,
      min = least(p.min, excluded.min), max = greatest(p.max, excluded.max),
      sketch = cloudwatch.merge_sketches(p.sketch, excluded.sketch)`
}

export interface Span {
  readonly start: Date
  /** Exclusive. */
  readonly end: Date
  /** Seconds. */
  readonly period: number
}

export interface Datapoint extends Aggregate {
  readonly metric_id: number
  readonly at: Date
  readonly unit: string
}

export interface Reading extends Span {
  readonly metrics: readonly number[]
  /** Only this unit; each unit by itself; or all of them together. */
  readonly units: { readonly only: string } | 'each' | 'together'
  /** Percentiles are asked for. */
  readonly sketches: boolean
}

/** What the metrics have in periods that begin at `start`, in order of time. */
export function readPoints(tx: Tx, { metrics, start, end, period, units, sketches }: Reading): Promise<Datapoint[]> {
  const unit = units === 'together' ? sql`''` : sql`unit`
  return tx.rows<Datapoint>`
    select metric_id, date_bin(make_interval(secs => ${period}::int), at, ${start}::timestamptz) as at, ${unit} as unit,
      sum(count) as count, sum(sum) as sum, min(min) as min, max(max) as max,
      ${sketches ? sql`case when bool_and(sketch is not null) then cloudwatch.merged_sketch(sketch) end` : sql`null::jsonb`} as sketch
    from cloudwatch.points
    where metric_id = any(${metrics}::bigint[]) and at >= ${start} and at < ${end}
      ${typeof units === 'object' ? sql`and unit = ${units.only}` : sql``}
    group by 1, 2, 3 order by 1, 2, 3`
}

/** Turns rows of one width into rows of the next, at most `limit` of them, oldest first; answers how many there were. */
export async function widenPoints(
  tx: Tx,
  { from, to, before, limit }: { from: number; to: number; before: Date; limit: number },
): Promise<number> {
  const row = await tx.one<{ taken: number }>`
    with gone as (
      delete from cloudwatch.points where ctid in (
        select ctid from cloudwatch.points where width = ${from} and at < ${before} order by at limit ${limit} for update)
      returning *
    ), widened as (
      insert into cloudwatch.points as p (metric_id, at, width, unit, count, sum, min, max, sketch)
      select metric_id, date_bin(make_interval(secs => ${to}::int), at, 'epoch'), ${to}::int, unit, sum(count), sum(sum), min(min),
        max(max), case when bool_and(sketch is not null) then cloudwatch.merged_sketch(sketch) end
      from gone group by 1, 2, 4
      on conflict (metric_id, at, width, unit) do update set
        count = p.count + excluded.count, sum = p.sum + excluded.sum,
        min = least(p.min, excluded.min), max = greatest(p.max, excluded.max),
        sketch = cloudwatch.merge_sketches(p.sketch, excluded.sketch)
    )
    select count(*)::int as taken from gone`
  return row?.taken ?? 0
}

export async function deletePoints(tx: Tx, width: number, before: Date, limit: number): Promise<number> {
  return tx.run`
    delete from cloudwatch.points where ctid in (
      select ctid from cloudwatch.points where width = ${width} and at < ${before} order by at limit ${limit})`
}
