// What an alarm sends to its SNS topics: AWS's JSON, which e-mail templates and chat bots take apart. Pure.

import type { Scope } from '../../core/scope.ts'
import type { AlarmDefinition } from './alarmDefinition.ts'
import type { AlarmRow } from './alarms.ts'
import { alarmArn } from './arns.ts'

/** AWS: messages and subjects have the region's name for people. */
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'sa-east-1': 'South America (Sao Paulo)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-south-1': 'EU (Milan)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
}
const regionName = (region: string) => REGIONS[region] ?? region

// AWS: SNS subjects are cut at 100 characters.
export const alarmSubject = ({ region }: Scope, { state, name }: AlarmRow) =>
  `${state}: "${name}" in ${regionName(region)}`.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100)

export function alarmMessage(scope: Scope, before: AlarmRow, after: AlarmRow): string {
  const { definition } = after
  return JSON.stringify({
    AlarmName: after.name,
    AlarmDescription: definition.AlarmDescription ?? null,
    AWSAccountId: scope.account,
    AlarmConfigurationUpdatedTimestamp: longTime(after.configured_at),
    NewStateValue: after.state,
    NewStateReason: after.state_reason,
    StateChangeTime: longTime(after.state_since),
    Region: regionName(scope.region),
    AlarmArn: alarmArn(scope, after.name),
    OldStateValue: before.state,
    OKActions: definition.OKActions ?? [],
    AlarmActions: definition.AlarmActions ?? [],
    InsufficientDataActions: definition.InsufficientDataActions ?? [],
    Trigger: trigger(definition),
  })
}

const STATISTICS: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
}

const namesAndValues = (dimensions: AlarmDefinition['Dimensions']) =>
  (dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name }))

function trigger(definition: AlarmDefinition) {
  const common = {
    Period: definition.Period,
    EvaluationPeriods: definition.EvaluationPeriods,
    ...(definition.DatapointsToAlarm !== undefined && { DatapointsToAlarm: definition.DatapointsToAlarm }),
    ComparisonOperator: definition.ComparisonOperator,
    Threshold: definition.Threshold,
    TreatMissingData: definition.TreatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: definition.EvaluateLowSampleCountPercentile ?? '',
  }
  if (definition.Metrics) return { ...common, Metrics: definition.Metrics.map(metricOf) }
  return {
    MetricName: definition.MetricName,
    Namespace: definition.Namespace,
    ...(definition.ExtendedStatistic
      ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic: definition.ExtendedStatistic }
      : { StatisticType: 'Statistic', Statistic: STATISTICS[definition.Statistic!] }),
    Unit: definition.Unit ?? null,
    Dimensions: namesAndValues(definition.Dimensions),
    ...common,
  }
}

type Query = NonNullable<AlarmDefinition['Metrics']>[number]

const metricOf = ({ Id, Expression, Label, MetricStat, ReturnData }: Query) => ({
  Id,
  ...(Expression !== undefined && { Expression }),
  ...(Label !== undefined && { Label }),
  ...(MetricStat && {
    MetricStat: {
      Metric: {
        Dimensions: namesAndValues(MetricStat.Metric?.Dimensions),
        MetricName: MetricStat.Metric?.MetricName,
        Namespace: MetricStat.Metric?.Namespace,
      },
      Period: MetricStat.Period,
      Stat: MetricStat.Stat,
      ...(MetricStat.Unit && { Unit: MetricStat.Unit }),
    },
  }),
  ReturnData: ReturnData ?? true,
})

/** AWS: `2026-01-01T00:00:00.000+0000`. */
export const longTime = (time: Date) => time.toISOString().replace('Z', '+0000')
