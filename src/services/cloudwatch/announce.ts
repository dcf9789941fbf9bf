// The EventBridge events of alarms, with AWS's detail.

import type { Call } from '../../operation/call.ts'
import { longTime } from './alarmMessage.ts'
import type { AlarmRow } from './alarms.ts'
import { alarmArn } from './arns.ts'

// AWS: Alarm events and EventBridge (CloudWatch user guide).
export function emitState(call: Call, before: AlarmRow, after: AlarmRow): Promise<void> {
  return emit(call, after.name, 'CloudWatch Alarm State Change', {
    alarmName: after.name,
    state: stateOf(after),
    previousState: stateOf(before),
    configuration: configurationOf(after),
  })
}

export function emitConfiguration(
  call: Call,
  operation: 'create' | 'update' | 'delete',
  row: AlarmRow,
  before?: AlarmRow,
): Promise<void> {
  return emit(call, row.name, 'CloudWatch Alarm Configuration Change', {
    alarmName: row.name,
    operation,
    state: stateOf(row),
    configuration: fullConfiguration(row),
    ...(before && { previousConfiguration: fullConfiguration(before) }),
  })
}

function emit(call: Call, name: string, detailType: string, detail: Record<string, unknown>): Promise<void> {
  return call.emit({ source: 'aws.cloudwatch', detailType, resources: [alarmArn(call.scope, name)], detail })
}

const stateOf = (row: AlarmRow) => ({
  value: row.state,
  reason: row.state_reason,
  ...(row.state_reason_data !== null && { reasonData: row.state_reason_data }),
  timestamp: longTime(row.state_updated_at),
})

function configurationOf({ definition }: AlarmRow) {
  return {
    ...(definition.AlarmDescription !== undefined && { description: definition.AlarmDescription }),
    metrics: metricsOf(definition),
  }
}

function fullConfiguration(row: AlarmRow) {
  const { definition } = row
  return {
    ...configurationOf(row),
    evaluationPeriods: definition.EvaluationPeriods,
    ...(definition.DatapointsToAlarm !== undefined && { datapointsToAlarm: definition.DatapointsToAlarm }),
    threshold: definition.Threshold,
    comparisonOperator: definition.ComparisonOperator,
    treatMissingData: definition.TreatMissingData ?? 'missing',
    actionsEnabled: definition.ActionsEnabled,
    alarmName: row.name,
    timestamp: longTime(row.configured_at),
    okActions: definition.OKActions ?? [],
    alarmActions: definition.AlarmActions ?? [],
    insufficientDataActions: definition.InsufficientDataActions ?? [],
  }
}

function metricsOf(definition: AlarmRow['definition']) {
  if (definition.Metrics) {
    return definition.Metrics.map(({ Id, Expression, Label, MetricStat, ReturnData }) => ({
      id: Id,
      ...(Expression !== undefined && { expression: Expression }),
      ...(Label !== undefined && { label: Label }),
      ...(MetricStat && {
        metricStat: { metric: metricOf(MetricStat.Metric!), period: MetricStat.Period, stat: MetricStat.Stat },
      }),
      returnData: ReturnData ?? true,
    }))
  }
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Unit } = definition
  const metricStat = {
    metric: metricOf({ Namespace, MetricName, Dimensions }),
    period: Period,
    stat: ExtendedStatistic ?? Statistic,
    ...(Unit && { unit: Unit }),
  }
  return [{ id: 'm1', metricStat, returnData: true }]
}

type MetricNames = NonNullable<
  NonNullable<NonNullable<AlarmRow['definition']['Metrics']>[number]['MetricStat']>['Metric']
>

const metricOf = ({ Namespace, MetricName, Dimensions }: MetricNames) => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries((Dimensions ?? []).map(({ Name, Value }) => [Name!, Value!])),
})
