// What an alarm is defined by: PutMetricAlarm's input checked, with defaults filled in.

import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import { parseArn } from '../../core/arn.ts'
import { invalid, invalidCombination, missing } from './errors.ts'
import type { AlarmState, Comparison, Judged, MissingData } from './evaluateAlarm.ts'
import { readQueries } from './queries.ts'
import { readStatistic } from './statistic.ts'

export type AlarmDefinition = Omit<PutMetricAlarmCommandInput, 'AlarmName' | 'Tags'>

const MISSING: readonly string[] = ['breaching', 'notBreaching', 'ignore', 'missing']
const COMPARISONS: readonly string[] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] satisfies Comparison[]
const DAY = 86_400

/** Throws what AWS answers to a definition that can not be evaluated. */
export function readDefinition(given: AlarmDefinition): AlarmDefinition {
  refuseOthers(given)
  const { EvaluationPeriods, Threshold, ComparisonOperator, DatapointsToAlarm, TreatMissingData } = given
  if (EvaluationPeriods === undefined) missing('The parameter EvaluationPeriods is required.')
  if (Threshold === undefined) missing('The parameter Threshold is required.')
  if (ComparisonOperator === undefined) missing('The parameter ComparisonOperator is required.')
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > EvaluationPeriods!)
    invalid('The parameter DatapointsToAlarm must be less than or equal to the parameter EvaluationPeriods.')
  if (TreatMissingData !== undefined && !MISSING.includes(TreatMissingData)) {
    invalid(
      `Option ${TreatMissingData} is not supported. Supported options for parameter TreatMissingData are breaching, notBreaching, ignore and missing.`,
    )
  }
  checkPeriods(given.Metrics ? periodOfMetrics(given) : periodOfMetric(given), EvaluationPeriods!)
  for (const arn of actionsOf(given)) checkAction(arn)
  return { ...given, ActionsEnabled: given.ActionsEnabled ?? true }
}

function refuseOthers({ ThresholdMetricId, ComparisonOperator, EvaluationCriteria }: AlarmDefinition) {
  const band = ComparisonOperator !== undefined && !COMPARISONS.includes(ComparisonOperator)
  if (ThresholdMetricId !== undefined || band)
    invalid('Codeyard does not detect anomalies: give the alarm a Threshold and a comparison with it.')
  if (EvaluationCriteria !== undefined) invalid('Codeyard does not evaluate PromQL: give the alarm a metric.')
}

function periodOfMetric(given: AlarmDefinition): number {
  const { MetricName, Namespace, Period, Statistic, ExtendedStatistic, EvaluateLowSampleCountPercentile } = given
  if (!MetricName) missing('The parameter MetricName is required.')
  if (!Namespace) missing('The parameter Namespace is required.')
  if (Period === undefined) missing('The parameter Period is required.')
  if (Statistic && ExtendedStatistic)
    invalidCombination(
      'The parameters Statistic and ExtendedStatistic are mutually exclusive and you have specified both.',
    )
  if (!Statistic && !ExtendedStatistic)
    missing('At least one of the parameters Statistic and ExtendedStatistic must be specified.')
  if (ExtendedStatistic && readStatistic(ExtendedStatistic)?.kind !== 'percentile')
    invalid(`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`)
  const low = EvaluateLowSampleCountPercentile
  if (low !== undefined && low !== 'evaluate' && low !== 'ignore') {
    // AWS: verbatim.
    invalid(
      `Option ${low} is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.`,
    )
  }
  return Period!
}

function periodOfMetrics({ Metrics = [], MetricName, Period, Statistic, ExtendedStatistic }: AlarmDefinition): number {
  if (MetricName || Period !== undefined || Statistic || ExtendedStatistic)
    invalidCombination('The parameters MetricName and Metrics are mutually exclusive and you have specified both.')
  const queries = readQueries(Metrics, 'Metrics')
  if (queries.filter(query => query.returned).length !== 1)
    invalid('Exactly two elements of the metrics list should return data for an anomaly, exactly one for a threshold.')
  const periods = queries.flatMap(query => (query.kind === 'stat' ? [query.period] : []))
  if (periods.length === 0) return missing('The parameter Metrics must contain a MetricStat.')
  if (new Set(periods).size > 1) invalid('Codeyard evaluates expressions over one period: give all metrics the same.')
  return periods[0]!
}

function checkPeriods(period: number, evaluationPeriods: number) {
  if (![10, 20, 30].includes(period) && (period % 60 !== 0 || period < 60))
    invalid('Metric alarm period must be 10, 20, 30 or a multiple of 60.')
  const span = period * evaluationPeriods
  // AWS: verbatim.
  if (period < 3600 && span > DAY)
    invalid('Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).')
  if (span > 7 * DAY)
    invalid('Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= 604800).')
}

const actionsOf = (given: AlarmDefinition) => [
  ...(given.AlarmActions ?? []),
  ...(given.OKActions ?? []),
  ...(given.InsufficientDataActions ?? []),
]

function checkAction(arn: string) {
  const parsed = parseArn(arn)
  if (!parsed) return invalid(`Invalid arn syntax: ${arn}`)
  if (parsed.service !== 'sns') invalid(`Codeyard's alarms notify SNS topics only, not ${arn}`)
}

export const periodOf = (definition: AlarmDefinition): number =>
  definition.Period ?? definition.Metrics?.find(query => query.MetricStat)?.MetricStat?.Period ?? 60

/** What the evaluation needs to know. */
export function judged(definition: AlarmDefinition, state: AlarmState): Judged {
  return {
    state,
    period: periodOf(definition),
    evaluationPeriods: definition.EvaluationPeriods!,
    datapointsToAlarm: definition.DatapointsToAlarm ?? definition.EvaluationPeriods!,
    comparison: definition.ComparisonOperator as Comparison,
    threshold: definition.Threshold!,
    missing: (definition.TreatMissingData as MissingData | undefined) ?? 'missing',
  }
}

export function actionsFor(definition: AlarmDefinition, state: AlarmState): readonly string[] {
  const all = {
    OK: definition.OKActions,
    ALARM: definition.AlarmActions,
    INSUFFICIENT_DATA: definition.InsufficientDataActions,
  }
  return all[state] ?? []
}
