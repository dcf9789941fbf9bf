// DescribeAlarms and DescribeAlarmsForMetric.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { type AlarmRow, alarmShape, alarmsOfMetric, listAlarms } from '../../alarms.ts'
import { invalidCombination } from '../../errors.ts'
import { metricKey, metricText } from '../../metrics.ts'
import { afterName } from '../../paging.ts'

export const describeAlarms: Handler<'cloudwatch', 'DescribeAlarms'> = async (call, input) => {
  const { AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, ActionPrefix, MaxRecords = 50, NextToken } = input
  if (AlarmNames?.length && AlarmNamePrefix !== undefined)
    invalidCombination(
      'The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.',
    )
  const after = afterName(NextToken)
  // Composite alarms are not there, so nothing has parents or children either.
  const composite = AlarmTypes?.length && !AlarmTypes.includes('MetricAlarm')
  if (composite || input.ChildrenOfAlarmName || input.ParentsOfAlarmName)
    return { MetricAlarms: [], CompositeAlarms: [] }
  const rows = await listAlarms(call.tx, call.scope, {
    names: AlarmNames?.length ? AlarmNames : undefined,
    prefix: AlarmNamePrefix,
    state: StateValue,
    actionPrefix: ActionPrefix,
    after,
    limit: AlarmNames?.length ? 100 : MaxRecords,
  })
  const { items, nextToken } = page(rows, AlarmNames?.length ? 100 : MaxRecords, row => [row.name])
  return {
    MetricAlarms: items.map(row => alarmShape(call.scope, row)),
    CompositeAlarms: [],
    ...(nextToken && { NextToken: nextToken }),
  }
}

export const describeAlarmsForMetric: Handler<'cloudwatch', 'DescribeAlarmsForMetric'> = async (call, input) => {
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Unit } = input
  const wanted = metricText(metricKey(Namespace, MetricName, Dimensions))
  const fits = ({ definition }: AlarmRow) =>
    metricText(metricKey(Namespace, MetricName, definition.Dimensions)) === wanted &&
    (Period === undefined || definition.Period === Period) &&
    (Statistic === undefined || definition.Statistic === Statistic) &&
    (ExtendedStatistic === undefined || definition.ExtendedStatistic === ExtendedStatistic) &&
    (Unit === undefined || definition.Unit === Unit)
  const rows = await alarmsOfMetric(call.tx, call.scope, Namespace, MetricName)
  return { MetricAlarms: rows.filter(fits).map(row => alarmShape(call.scope, row)) }
}
