// GetMetricStatistics: one metric, several statistics, at most 1,440 datapoints.

import type { Datapoint } from '@aws-sdk/client-cloudwatch'
import type { Handler } from '../../../../operation/handler.ts'
import { invalidCombination, invalidValue, missing } from '../../errors.ts'
import { findMetrics, metricKey, metricText } from '../../metrics.ts'
import { isPeriod, roundStart } from '../../period.ts'
import { readPoints } from '../../points.ts'
import { readStatistic, statisticValue } from '../../statistic.ts'

const MOST_DATAPOINTS = 1440

export const getMetricStatistics: Handler<'cloudwatch', 'GetMetricStatistics'> = async (call, input) => {
  const { Period: period, Statistics = [], ExtendedStatistics = [], Unit } = input
  if (!isPeriod(period)) invalidValue('The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.')
  // AWS: verbatim.
  if (input.StartTime >= input.EndTime)
    invalidCombination('The parameter StartTime must be less than the parameter EndTime.')
  if (Statistics.length === 0 && ExtendedStatistics.length === 0)
    missing('At least one of the parameters Statistics and ExtendedStatistics must be specified.')
  const start = roundStart(input.StartTime, period, call.now)
  const count = Math.ceil((input.EndTime.getTime() - start.getTime()) / (period * 1000))
  if (count > MOST_DATAPOINTS) {
    // AWS: verbatim.
    invalidCombination(
      `You have requested up to ${String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    )
  }
  const extended = ExtendedStatistics.map((name, index) => {
    const statistic = readStatistic(name)
    if (statistic?.kind === 'percentile') return { name, statistic }
    return invalidValue(`The value ${name} for parameter ExtendedStatistics.member.${index + 1} is not supported.`)
  })
  const key = metricKey(input.Namespace, input.MetricName, input.Dimensions)
  const id = (await findMetrics(call.tx, call.scope, [key])).get(metricText(key))
  if (id === undefined) return { Label: input.MetricName, Datapoints: [] }
  const rows = await readPoints(call.tx, {
    metrics: [id],
    start,
    end: input.EndTime,
    period,
    units: Unit === undefined ? 'each' : { only: Unit },
    sketches: extended.length > 0,
  })
  const Datapoints = rows.flatMap((row): Datapoint[] => {
    const known = extended.flatMap(({ name, statistic }): [string, number][] => {
      const value = statisticValue(statistic, row)
      return value === undefined ? [] : [[name, value]]
    })
    if (Statistics.length === 0 && known.length === 0) return []
    return [
      {
        Timestamp: row.at,
        Unit: row.unit as Datapoint['Unit'],
        ...Object.fromEntries(Statistics.map(name => [name, statisticValue({ kind: name }, row)])),
        ...(known.length > 0 && { ExtendedStatistics: Object.fromEntries(known) }),
      },
    ]
  })
  return { Label: input.MetricName, Datapoints }
}
