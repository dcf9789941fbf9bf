// The functions of metric math that are there; others are refused by name. AWS: Functions supported for metric math.

import { ExpressionError } from './expression.ts'
import { type Grid, mapSeries, type Series, seriesOf, type Value } from './value.ts'

type Function = (given: readonly Value[], grid: Grid, word?: string) => Value

const isSeries = (value: Value | undefined): value is Series => typeof value === 'object' && 'points' in value
const isArray = (value: Value | undefined): value is readonly Series[] => Array.isArray(value)

/** A series becomes a number, an array becomes one series of what it has at each time. */
const reducing =
  (name: string, reduce: (values: readonly number[]) => number): Function =>
  given => {
    const [value] = one(name, given)
    if (isSeries(value)) return reduce([...value.points.values()])
    if (!isArray(value)) throw new ExpressionError(`${name} takes a time series or an array of them`)
    const byTime = new Map<number, number[]>()
    for (const { points } of value)
      for (const [time, number] of points) byTime.set(time, [...(byTime.get(time) ?? []), number])
    const period = Math.max(0, ...value.map(series => series.period))
    return seriesOf(
      name,
      period,
      [...byTime].map(([time, numbers]) => [time, reduce(numbers)] as const),
    )
  }

/** Each value by itself. */
const changing =
  (name: string, change: (value: number) => number): Function =>
  given => {
    const [value] = one(name, given)
    if (typeof value === 'number') return change(value)
    return isArray(value) ? value.map(series => mapSeries(series, change)) : mapSeries(value as Series, change)
  }

/** Series by series. */
const following =
  (name: string, change: (series: Series) => Series): Function =>
  given => {
    const [value] = one(name, given)
    if (typeof value === 'number') throw new ExpressionError(`${name} takes a time series`)
    return isArray(value) ? value.map(change) : change(value as Series)
  }

function one(name: string, given: readonly Value[]): readonly [Value] {
  if (given.length !== 1) throw new ExpressionError(`${name} takes one argument`)
  return [given[0]!]
}

const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
const mean = (values: readonly number[]) => (values.length === 0 ? Number.NaN : add(values) / values.length)
const smallest = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map(value => (value - mean(values)) ** 2)))

/** What changed from each value to the next. */
const difference = (perSecond: boolean) => (series: Series) => {
  const points = [...series.points]
  const steps = points.slice(1).map(([time, value], index) => {
    const [before, previous] = points[index]!
    return [time, perSecond ? (value - previous) / ((time - before) / 1000) : value - previous] as const
  })
  return seriesOf(series.label, series.period, steps)
}

const runningSum = (series: Series) => {
  let sum = 0
  return mapSeries(series, value => {
    sum += value
    return sum
  })
}

const end =
  (name: string, at: 0 | -1): Function =>
  given => {
    const [value] = one(name, given)
    if (isArray(value)) return value.at(at) ?? Number.NaN
    if (!isSeries(value)) throw new ExpressionError(`${name} takes a time series`)
    return [...value.points.values()].at(at) ?? Number.NaN
  }

const fill: Function = ([value, filler], grid, word) => {
  if (typeof value === 'number' || value === undefined) throw new ExpressionError('FILL takes a time series')
  const filled = (series: Series): Series => {
    const known = [...series.points]
    const times = new Set([...grid.times(series.period), ...series.points.keys()])
    return seriesOf(
      series.label,
      series.period,
      [...times].map(time => [time, series.points.get(time) ?? fillerAt(time, known, filler, word)] as const),
    )
  }
  return isArray(value) ? value.map(filled) : filled(value as Series)
}

function fillerAt(
  time: number,
  known: readonly (readonly [number, number])[],
  filler: Value | undefined,
  word?: string,
) {
  if (typeof filler === 'number') return filler
  if (isSeries(filler)) return filler.points.get(time) ?? Number.NaN
  const before = known.findLast(([at]) => at < time)
  if (word === 'REPEAT') return before?.[1] ?? Number.NaN
  if (word !== 'LINEAR') throw new ExpressionError('FILL takes a number, a time series, REPEAT or LINEAR')
  const after = known.find(([at]) => at > time)
  if (!before || !after) return Number.NaN
  return before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0])
}

const choose: Function = ([condition, yes, no]) => {
  if (condition === undefined || yes === undefined) throw new ExpressionError('IF takes two or three arguments')
  if (typeof condition === 'number') {
    if (condition !== 0) return yes
    return no ?? (isSeries(yes) ? seriesOf(yes.label, yes.period, []) : Number.NaN)
  }
  if (isArray(condition) || isArray(yes) || isArray(no)) throw new ExpressionError('IF does not take arrays')
  const test = condition as Series
  const at = (value: Value | undefined, time: number) =>
    typeof value === 'number' ? value : ((value as Series | undefined)?.points.get(time) ?? Number.NaN)
  const label = isSeries(yes) ? yes.label : isSeries(no) ? no.label : test.label
  return { ...mapSeries(test, (value, time) => at(value !== 0 ? yes : no, time)), label }
}

/** By name. `FILL` is given its word (REPEAT, LINEAR) apart. */
export const functions: Readonly<Record<string, Function>> = {
  SUM: reducing('SUM', add),
  AVG: reducing('AVG', mean),
  MIN: reducing('MIN', smallest),
  MAX: reducing('MAX', largest),
  STDDEV: reducing('STDDEV', deviation),
  DATAPOINT_COUNT: reducing('DATAPOINT_COUNT', values => values.length),
  ABS: changing('ABS', Math.abs),
  CEIL: changing('CEIL', Math.ceil),
  FLOOR: changing('FLOOR', Math.floor),
  LOG: changing('LOG', Math.log),
  LOG10: changing('LOG10', Math.log10),
  DIFF: following('DIFF', difference(false)),
  RATE: following('RATE', difference(true)),
  RUNNING_SUM: following('RUNNING_SUM', runningSum),
  FIRST: end('FIRST', 0),
  LAST: end('LAST', -1),
  PERIOD: given => {
    const [value] = one('PERIOD', given)
    return isSeries(value) ? value.period : Number.NaN
  },
  FILL: fill,
  IF: choose,
}
