// The state of an alarm from what its metric did: M of N datapoints, with what is missing treated as the alarm says. Pure.

import { assertNever } from '../../core/assertNever.ts'

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
export type Comparison =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold'
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching'

export interface Judged {
  readonly state: AlarmState
  /** Seconds. */
  readonly period: number
  readonly evaluationPeriods: number
  readonly datapointsToAlarm: number
  readonly comparison: Comparison
  readonly threshold: number
  readonly missing: MissingData
}

export interface AlarmPoint {
  /** When its period begins. */
  readonly at: Date
  readonly value: number
  readonly count?: number
}

export interface Verdict {
  readonly state: AlarmState
  readonly reason: string
  /** What was judged, newest first. */
  readonly evaluated: readonly AlarmPoint[]
}

// AWS: more datapoints than Evaluation Periods are looked at, so that a late one does not count as missing
// [Configuring how CloudWatch alarms treat missing data]; its examples look at two more.
export const EXTRA_PERIODS = 2

/** How far back an alarm looks from `now`, which is the end of the newest period. */
export const evaluationRange = ({ period, evaluationPeriods }: Judged, now: Date) => ({
  start: new Date(now.getTime() - (evaluationPeriods + EXTRA_PERIODS) * period * 1000),
  end: now,
})

/** What `datapoints` (in order of time, those beyond the range are ignored) make of the alarm; undefined: it keeps its state. */
export function evaluateAlarm(alarm: Judged, datapoints: readonly AlarmPoint[], now: Date): Verdict | undefined {
  const { evaluationPeriods: n, datapointsToAlarm: m } = alarm
  const { start, end } = evaluationRange(alarm, now)
  const real = datapoints.filter(({ at }) => at >= start && at < end)
  if (real.length === 0) return withoutData(alarm)
  const evaluated = real.slice(-n).reverse()
  const breaching = evaluated.filter(point => breaches(alarm, point.value))
  const filled = n - evaluated.length
  const is = (state: AlarmState): Verdict => ({ state, evaluated, reason: reasonOf(alarm, state, evaluated, filled) })
  if (breaching.length >= m) return is('ALARM')
  if (filled === 0) return is('OK')
  switch (alarm.missing) {
    case 'breaching':
      return is(breaching.length + filled >= m ? 'ALARM' : 'OK')
    case 'notBreaching':
      return is('OK')
    case 'ignore':
      return breaching.length < evaluated.length ? is('OK') : undefined
    case 'missing': {
      if (breaching.length < evaluated.length) return is('OK')
      // AWS: too few datapoints alarm as well when the oldest is breaching, at least as old as Datapoints to Alarm, and
      // everything after it is breaching or missing.
      const age = Math.ceil((end.getTime() - evaluated.at(-1)!.at.getTime()) / (alarm.period * 1000))
      return age >= m ? is('ALARM') : undefined
    }
    default:
      return assertNever(alarm.missing)
  }
}

function withoutData({ missing, evaluationPeriods: n }: Judged): Verdict | undefined {
  const treated = (as: string) =>
    `Threshold Crossed: no datapoints were received for ${counted(n, 'period')} and ${counted(n, 'missing datapoint')} ${n === 1 ? 'was' : 'were'} treated as [${as}].`
  switch (missing) {
    case 'missing':
      return {
        state: 'INSUFFICIENT_DATA',
        evaluated: [],
        reason: `Insufficient Data: ${counted(n, 'datapoint')} ${n === 1 ? 'was' : 'were'} unknown.`,
      }
    case 'ignore':
      return undefined
    case 'breaching':
      return { state: 'ALARM', evaluated: [], reason: treated('Breaching') }
    case 'notBreaching':
      return { state: 'OK', evaluated: [], reason: treated('NonBreaching') }
    default:
      return assertNever(missing)
  }
}

function breaches({ comparison, threshold }: Judged, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold
    case 'GreaterThanThreshold':
      return value > threshold
    case 'LessThanThreshold':
      return value < threshold
    case 'LessThanOrEqualToThreshold':
      return value <= threshold
    default:
      return assertNever(comparison)
  }
}

const WORDS: Readonly<Record<Comparison, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
}

// AWS: `Threshold Crossed: 1 out of the last 1 datapoints [99.6 (11/09/20 13:09:00)] was greater than or equal to the threshold
// (90.0) (minimum 1 datapoint for OK -> ALARM transition).` [Creating alarms, SNS messages].
function reasonOf(alarm: Judged, state: AlarmState, evaluated: readonly AlarmPoint[], filled: number): string {
  const { comparison, threshold, datapointsToAlarm: m, evaluationPeriods: n, missing } = alarm
  const speaking = evaluated.filter(({ value }) => breaches(alarm, value) === (state === 'ALARM'))
  const needed = state === 'ALARM' ? m : n - m + 1
  const transition = state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'
  const treated =
    filled > 0 && missing !== 'missing' && missing !== 'ignore'
      ? ` and ${counted(filled, 'missing datapoint')} ${filled === 1 ? 'was' : 'were'} treated as [${missing === 'breaching' ? 'Breaching' : 'NonBreaching'}]`
      : ''
  const minimum = `(minimum ${counted(needed, 'datapoint')} for ${transition} transition)`
  if (speaking.length === 0)
    return `Threshold Crossed: no datapoints crossed the threshold (${decimal(threshold)})${treated} ${minimum}.`
  const shown = speaking.map(({ value, at }) => `${decimal(value)} (${shortTime(at)})`).join(', ')
  const verb = `${speaking.length === 1 ? 'was' : 'were'}${state === 'ALARM' ? '' : ' not'}`
  return `Threshold Crossed: ${speaking.length} out of the last ${evaluated.length} datapoints [${shown}] ${verb} ${WORDS[comparison]} the threshold (${decimal(threshold)})${treated} ${minimum}.`
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
/** AWS writes whole numbers as `90.0`. */
const decimal = (value: number) => (Number.isInteger(value) && Math.abs(value) < 1e7 ? value.toFixed(1) : String(value))

function shortTime(time: Date): string {
  const [day, clock] = time.toISOString().split('T') as [string, string]
  const [year, month, date] = day.split('-') as [string, string, string]
  return `${date}/${month}/${year.slice(2)} ${clock.slice(0, 8)}`
}
