// Evaluating one alarm: its datapoints are read, judged, and the new state entered.

import type { Call } from '../../operation/call.ts'
import { judged } from './alarmDefinition.ts'
import { longTime } from './alarmMessage.ts'
import type { AlarmRow } from './alarms.ts'
import { type AlarmPoint, evaluateAlarm, evaluationRange, type Judged } from './evaluateAlarm.ts'
import { findMetrics, metricKey, metricText } from './metrics.ts'
import { floorTo } from './period.ts'
import { readPoints } from './points.ts'
import { answerQueries, readQueries } from './queries.ts'
import { readStatistic, type Statistic, statisticValue } from './statistic.ts'
import { enterState } from './transition.ts'

// AWS: alarms with short periods are evaluated every ten seconds, others every minute.
export const stepOf = ({ period }: Pick<Judged, 'period'>) => Math.min(period < 60 ? 10 : 60, period)

/** `row` must be locked. */
export async function evaluate(call: Call, row: AlarmRow): Promise<void> {
  const alarm = judged(row.definition, row.state)
  const end = floorTo(call.now, stepOf(alarm))
  const points = await alarmPoints(call, row, alarm, end)
  if (row.definition.EvaluateLowSampleCountPercentile === 'ignore' && tooFewSamples(row, points)) return
  const verdict = evaluateAlarm(alarm, points, end)
  if (!verdict || verdict.state === row.state) return
  const { start } = evaluationRange(alarm, end)
  const reasonData = JSON.stringify({
    version: '1.0',
    queryDate: longTime(call.now),
    ...(verdict.evaluated.length > 0 && { startDate: longTime(verdict.evaluated.at(-1)?.at ?? start) }),
    statistic: row.definition.ExtendedStatistic ?? row.definition.Statistic,
    ...(row.definition.Unit && { unit: row.definition.Unit }),
    period: alarm.period,
    recentDatapoints: verdict.evaluated.map(({ value }) => value).reverse(),
    threshold: alarm.threshold,
    evaluatedDatapoints: verdict.evaluated.map(({ at, value, count }) => ({
      timestamp: longTime(at),
      ...(count !== undefined && { sampleCount: count }),
      value,
    })),
  })
  await enterState(call, row, { state: verdict.state, reason: verdict.reason.slice(0, 1023), reasonData })
}

async function alarmPoints(call: Call, { definition }: AlarmRow, alarm: Judged, now: Date): Promise<AlarmPoint[]> {
  const { start, end } = evaluationRange(alarm, now)
  if (definition.Metrics) {
    const queries = readQueries(definition.Metrics, 'Metrics')
    const [answer] = await answerQueries(call.tx, call.scope, queries, { startOf: () => start, end })
    return [...(answer?.series[0]?.points ?? [])].map(([time, value]) => ({ at: new Date(time), value }))
  }
  const key = metricKey(definition.Namespace!, definition.MetricName!, definition.Dimensions)
  const id = (await findMetrics(call.tx, call.scope, [key])).get(metricText(key))
  if (id === undefined) return []
  const statistic = statisticOf(definition)
  const rows = await readPoints(call.tx, {
    metrics: [id],
    start,
    end,
    period: alarm.period,
    units: definition.Unit ? { only: definition.Unit } : 'together',
    sketches: statistic.kind === 'percentile',
  })
  return rows.flatMap(row => {
    const value = statisticValue(statistic, row)
    return value === undefined ? [] : [{ at: row.at, value, count: row.count }]
  })
}

const statisticOf = ({ ExtendedStatistic, Statistic }: AlarmRow['definition']): Statistic =>
  readStatistic(ExtendedStatistic ?? Statistic!)!

// AWS: a percentile above p50 needs 10/(1-percentile) samples, one below 10/percentile [Percentile-based alarms and low data samples].
function tooFewSamples({ definition }: AlarmRow, points: readonly AlarmPoint[]): boolean {
  const statistic = statisticOf(definition)
  if (statistic.kind !== 'percentile' || points.length === 0) return false
  const part = statistic.percent / 100
  const needed = part >= 0.5 ? 10 / (1 - part) : 10 / part
  return points.some(({ count = 0 }) => count < needed)
}
