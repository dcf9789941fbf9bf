// The queries of GetMetricData and of alarms on expressions: read and checked, then answered with one reading per period.

import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { invalid, invalidValue, missing } from './errors.ts'
import { evaluate } from './math/evaluate.ts'
import { type Expression, ExpressionError, functionsOf, idsOf, parseExpression } from './math/expression.ts'
import { functions } from './math/functions.ts'
import { type Series, seriesOf, type Value } from './math/value.ts'
import { findMetrics, type MetricKey, metricKey, metricText } from './metrics.ts'
import { isPeriod } from './period.ts'
import { readPoints } from './points.ts'
import { readStatistic, type Statistic, statisticValue } from './statistic.ts'

export interface StatQuery {
  readonly kind: 'stat'
  readonly id: string
  readonly label: string
  readonly returned: boolean
  readonly key: MetricKey
  readonly period: number
  readonly statistic: Statistic
  readonly unit: string | undefined
}

export interface ExpressionQuery {
  readonly kind: 'expression'
  readonly id: string
  readonly label: string | undefined
  readonly returned: boolean
  readonly expression: Expression
}

export type Query = StatQuery | ExpressionQuery

/** Throws ValidationError for queries that can not be answered. `name` is the parameter: `MetricDataQueries`, `Metrics`. */
export function readQueries(given: readonly MetricDataQuery[], name: string): Query[] {
  const queries = given.map((query, index) => readQuery(query, `${name}.member.${index + 1}`))
  const ids = new Set(queries.map(query => query.id))
  // AWS: verbatim.
  if (ids.size < queries.length) invalid(`The values for parameter id in ${name} are not unique.`)
  for (const query of queries) {
    if (query.kind !== 'expression') continue
    const unknown = idsOf(query.expression).find(id => !ids.has(id))
    if (unknown) invalid(`Error in expression '${query.id}': Undefined variable '${unknown}'`)
    checkFunctions(query)
  }
  checkCircles(queries)
  return queries
}

function readQuery(query: MetricDataQuery, place: string): Query {
  const { Id: id, MetricStat: stat, Expression: expression, Label, AccountId } = query
  if (!/^[a-z]\w*$/.test(id!))
    invalid(`The value ${id} for parameter ${place}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`)
  if (AccountId !== undefined)
    invalid(`The parameter ${place}.AccountId is not supported: metrics of other accounts are not there.`)
  if (stat && expression !== undefined)
    invalid(
      `The parameters ${place}.Expression and ${place}.MetricStat are mutually exclusive and you have specified both.`,
    )
  const returned = query.ReturnData ?? true
  if (expression !== undefined)
    return { kind: 'expression', id: id!, label: Label, returned, expression: parsed(id!, expression) }
  if (!stat) return missing(`The parameter ${place}.MetricStat is required.`)
  const { Namespace, MetricName, Dimensions } = stat.Metric!
  if (!Namespace) missing(`The parameter ${place}.MetricStat.Metric.Namespace is required.`)
  if (!MetricName) missing(`The parameter ${place}.MetricStat.Metric.MetricName is required.`)
  checkPeriod(stat.Period!, `${place}.MetricStat.Period`)
  const statistic = readStatistic(stat.Stat!)
  if (!statistic) return invalidValue(`The value ${stat.Stat} for parameter ${place}.MetricStat.Stat is not supported.`)
  const key = metricKey(Namespace!, MetricName!, Dimensions)
  return {
    kind: 'stat',
    id: id!,
    label: Label ?? MetricName!,
    returned,
    key,
    period: stat.Period!,
    statistic,
    unit: stat.Unit,
  }
}

export function checkPeriod(period: number, place: string) {
  if (!isPeriod(period)) invalidValue(`The parameter ${place} must be 1, 5, 10, 20, 30, or a multiple of 60.`)
}

function parsed(id: string, text: string): Expression {
  try {
    // AWS: Metrics Insights queries travel as expressions as well.
    if (/^\s*SELECT\s/i.test(text))
      throw new ExpressionError('Codeyard does not answer Metrics Insights queries: name the metrics')
    return parseExpression(text)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return invalid(`Error in expression '${id}': ${error.message}`)
  }
}

function checkFunctions({ id, expression }: ExpressionQuery) {
  const unknown = functionsOf(expression).find(name => name !== 'METRICS' && !Object.hasOwn(functions, name))
  if (unknown === 'SEARCH')
    invalid(
      `Error in expression '${id}': Codeyard does not support SEARCH: find the metrics with ListMetrics and name them`,
    )
  if (unknown) invalid(`Error in expression '${id}': Codeyard does not support the function ${unknown}`)
}

function checkCircles(queries: readonly Query[]) {
  const byId = new Map(queries.map(query => [query.id, query]))
  const settled = new Set<string>()
  const visit = (id: string, path: readonly string[]) => {
    if (path.includes(id)) invalid(`Error in expression '${id}': Circular reference: ${[...path, id].join(' -> ')}`)
    const query = byId.get(id)
    if (!query || settled.has(id)) return
    if (query.kind === 'expression') for (const next of idsOf(query.expression)) visit(next, [...path, id])
    settled.add(id)
  }
  for (const { id } of queries) visit(id, [])
}

export interface Window {
  /** When the first period of this many seconds begins. */
  startOf(period: number): Date
  /** Exclusive. */
  readonly end: Date
}

/** One or (for an expression that makes an array) several series for each returned query, in order. */
export async function answerQueries(
  tx: Tx,
  scope: Scope,
  queries: readonly Query[],
  window: Window,
): Promise<{ query: Query; series: readonly Series[] }[]> {
  const metrics = await readSeries(tx, scope, queries, window)
  const values = new Map<string, Value>(metrics.map(series => [series.id, series]))
  const byId = new Map(queries.map(query => [query.id, query]))
  const grid = {
    times: (period: number) => {
      const start = window.startOf(period).getTime()
      const count = Math.max(0, Math.ceil((window.end.getTime() - start) / (period * 1000)))
      return Array.from({ length: count }, (_, index) => start + index * period * 1000)
    },
  }
  const lookup = (id: string): Value => {
    const known = values.get(id)
    if (known !== undefined) return known
    const query = byId.get(id) as ExpressionQuery
    const value = evaluate(query.expression, { lookup, metrics, grid })
    values.set(id, value)
    return value
  }
  return queries
    .filter(query => query.returned)
    .map(query => ({ query, series: returnedSeries(query, () => lookup(query.id)) }))
}

function returnedSeries({ id, label }: Query, compute: () => Value): readonly Series[] {
  try {
    const value = compute()
    if (typeof value === 'number') throw new ExpressionError('it must return one or more time series, not a number')
    if ('points' in value) return [{ ...value, label: label ?? id }]
    return value.map(series => ({ ...series, label: label ? `${label} ${series.label}` : series.label }))
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return invalid(`Error in expression '${id}': ${error.message}`)
  }
}

async function readSeries(tx: Tx, scope: Scope, queries: readonly Query[], window: Window) {
  const stats = queries.filter(query => query.kind === 'stat')
  const ids = await findMetrics(
    tx,
    scope,
    stats.map(({ key }) => key),
  )
  const readings = new Map<string, StatQuery[]>()
  for (const query of stats) {
    const together = `${query.period}/${query.unit ?? ''}`
    readings.set(together, [...(readings.get(together) ?? []), query])
  }
  const points = new Map<string, [number, number][]>()
  for (const group of readings.values()) {
    const { period, unit } = group[0]!
    const rows = await readPoints(tx, {
      metrics: group.flatMap(({ key }) => ids.get(metricText(key)) ?? []),
      start: window.startOf(period),
      end: window.end,
      period,
      units: unit === undefined ? 'together' : { only: unit },
      sketches: group.some(({ statistic }) => statistic.kind === 'percentile'),
    })
    const byMetric = Map.groupBy(rows, row => row.metric_id)
    for (const { id, key, statistic } of group) {
      const found = byMetric.get(ids.get(metricText(key)) ?? -1) ?? []
      points.set(
        id,
        found.flatMap((row): [number, number][] => {
          const value = statisticValue(statistic, row)
          return value === undefined ? [] : [[row.at.getTime(), value]]
        }),
      )
    }
  }
  return stats.map(({ id, label, period }) => ({ ...seriesOf(label, period, points.get(id) ?? []), id }))
}
