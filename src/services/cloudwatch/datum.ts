// One entry of PutMetricData: what is wrong with it, in AWS's words, and what it adds to its minute.

import type { MetricDatum, StatisticSet } from '@aws-sdk/client-cloudwatch'
import { invalidCombination, invalidValue, missing } from './errors.ts'
import { type MetricKey, metricKey } from './metrics.ts'
import type { Aggregate } from './points.ts'

const MOST_VALUES = 150
const TWO_WEEKS = 14 * 86_400_000
const TWO_HOURS = 2 * 3_600_000
/** AWS: values must be in the range of -2^360 to 2^360. */
const LARGEST = 2 ** 360

export interface ReadDatum {
  readonly key: MetricKey
  readonly at: Date
  readonly width: 1 | 60
  readonly unit: string
  readonly aggregate: Aggregate
}

/** `place` is `MetricData.member.1`. */
export function readDatum(namespace: string, datum: MetricDatum, place: string, now: Date): ReadDatum {
  const { MetricName, Dimensions, Timestamp = now, StorageResolution = 60 } = datum
  if (StorageResolution !== 1 && StorageResolution !== 60)
    invalidValue(`The value ${StorageResolution} for parameter ${place}.StorageResolution is invalid.`)
  checkTime(Timestamp, `${place}.Timestamp`, now)
  const names = new Set(Dimensions?.map(dimension => dimension.Name))
  if (Dimensions && names.size < Dimensions.length)
    invalidValue(`The parameter ${place}.Dimensions must not name a dimension more than once.`)
  const width = StorageResolution === 1 ? 1 : 60
  return {
    key: metricKey(namespace, MetricName!, Dimensions),
    at: new Date(Math.floor(Timestamp.getTime() / (width * 1000)) * width * 1000),
    width,
    unit: datum.Unit ?? 'None',
    aggregate: aggregateOf(datum, place),
  }
}

function checkTime(time: Date, place: string, now: Date) {
  if (Number.isNaN(time.getTime())) invalidValue(`The parameter ${place} is invalid.`)
  if (time.getTime() < now.getTime() - TWO_WEEKS)
    invalidValue(`The parameter ${place} must specify a time within the past two weeks.`)
  if (time.getTime() > now.getTime() + TWO_HOURS)
    invalidValue(`The parameter ${place} must specify a time no more than two hours in the future.`)
}

function aggregateOf({ Value, Values, Counts, StatisticValues }: MetricDatum, place: string): Aggregate {
  const given = Object.entries({ Value, Values, StatisticValues }).filter(([, value]) => value !== undefined)
  const [first, second] = given.map(([name]) => `${place}.${name}`)
  // AWS: verbatim; also for an entry without any value.
  if (!first) return missing('At least one of the parameters must be specified.')
  if (second)
    return invalidCombination(
      `The parameters ${first} and ${second} are mutually exclusive and you have specified both.`,
    )
  if (StatisticValues) return ofSet(StatisticValues, `${place}.StatisticValues`)
  if (Value !== undefined) return ofValues([number(Value, `${place}.Value`)], [1])
  return ofArrays(Values!, Counts, place)
}

function ofArrays(values: readonly number[], counts: readonly number[] | undefined, place: string): Aggregate {
  if (values.length === 0) missing(`The parameter ${place}.Values is required.`)
  if (values.length > MOST_VALUES)
    invalidValue(`The collection ${place}.Values must not have a size greater than ${MOST_VALUES}.`)
  if (counts && counts.length !== values.length)
    invalidValue(`The parameters ${place}.Values and ${place}.Counts must be of the same size.`)
  const times = values.map((_, index) => number(counts?.[index] ?? 1, `${place}.Counts`))
  const negative = times.find(count => count <= 0)
  if (negative !== undefined) invalidValue(`The value ${negative} for parameter ${place}.Counts is invalid.`)
  return ofValues(
    values.map(value => number(value, `${place}.Values`)),
    times,
  )
}

function ofValues(values: readonly number[], counts: readonly number[]): Aggregate {
  const sketch: Record<string, number> = {}
  let count = 0
  let sum = 0
  for (const [index, value] of values.entries()) {
    count += counts[index]!
    sum += value * counts[index]!
    sketch[value] = (sketch[value] ?? 0) + counts[index]!
  }
  return { count, sum, min: Math.min(...values), max: Math.max(...values), sketch }
}

function ofSet(set: StatisticSet, place: string): Aggregate {
  const [count, sum, min, max] = (['SampleCount', 'Sum', 'Minimum', 'Maximum'] as const).map(name => {
    const value = set[name]
    return value === undefined
      ? missing(`The parameter ${place}.${name} is required.`)
      : number(value, `${place}.${name}`)
  }) as [number, number, number, number]
  if (count <= 0) invalidValue(`The value ${count} for parameter ${place}.SampleCount is invalid.`)
  if (min > max) invalidValue(`The parameter ${place}.Maximum must be greater than or equal to ${place}.Minimum.`)
  // AWS: percentiles of a statistic set are known only when all its values are the same [CloudWatch concepts, Percentiles].
  const plain = min === max && Math.abs(sum - min * count) <= Math.abs(sum) * 1e-9
  return { count, sum, min, max, sketch: plain ? { [min]: count } : null }
}

function number(value: number, place: string): number {
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST)
    return invalidValue(`The value ${value} for parameter ${place} is invalid.`)
  return value
}

/** Two aggregates of the same minute. */
export function merge(a: Aggregate, b: Aggregate): Aggregate {
  const both = (one: NonNullable<Aggregate['sketch']>, other: NonNullable<Aggregate['sketch']>) => {
    const sum: Record<string, number> = { ...one }
    for (const [value, times] of Object.entries(other)) sum[value] = (sum[value] ?? 0) + times
    return sum
  }
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sketch: a.sketch && b.sketch ? both(a.sketch, b.sketch) : null,
  }
}
