import { describe, expect, test } from 'vitest'
import { type AlarmPoint, type AlarmState, evaluateAlarm, type Judged, type MissingData } from './evaluateAlarm.ts'

const now = new Date('2026-01-01T00:10:00Z')
const PERIOD = 60

const alarm = (over: Partial<Judged> = {}): Judged => ({
  state: 'OK',
  period: PERIOD,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  comparison: 'GreaterThanThreshold',
  threshold: 5,
  missing: 'missing',
  ...over,
})

/** `0 - X` are good, missing and breaching, the newest last. */
function points(row: string): AlarmPoint[] {
  const marks = row.split(' ')
  return marks.flatMap((mark, index) =>
    mark === '-'
      ? []
      : [{ at: new Date(now.getTime() - (marks.length - index) * PERIOD * 1000), value: mark === 'X' ? 9 : 0 }],
  )
}

const KEPT = 'kept'
type Outcome = AlarmState | typeof KEPT
const TREATMENTS: MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching']

// The two tables of "Configuring how CloudWatch alarms treat missing data", and what its sentences say besides.
const TABLE: [m: number, n: number, row: string, ...Outcome[]][] = [
  [3, 3, '0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, '- - - - 0', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, '- - - - -', 'INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK'],
  [3, 3, '0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 3, '- - X - -', 'ALARM', KEPT, 'ALARM', 'OK'],
  [2, 3, '0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, 3, '0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, 3, '0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  [2, 3, '- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, 3, '- - - X -', 'ALARM', KEPT, 'ALARM', 'OK'],
  [3, 3, '- - - - X', KEPT, KEPT, 'ALARM', 'OK'],
  [3, 3, '- - X X X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 3, 'X X X X 0', 'OK', 'OK', 'OK', 'OK'],
  [1, 1, '- - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [1, 1, 'X X 0', 'OK', 'OK', 'OK', 'OK'],
]

describe('missing data', () => {
  const cases = TABLE.flatMap(([m, n, row, ...outcomes]) =>
    TREATMENTS.map((missing, index) => ({ m, n, row, missing, outcome: outcomes[index]! })),
  )
  test.each(cases)('$m of $n of "$row", missing as $missing: $outcome', ({ m, n, row, missing, outcome }) => {
    const verdict = evaluateAlarm(alarm({ evaluationPeriods: n, datapointsToAlarm: m, missing }), points(row), now)
    expect(verdict?.state ?? KEPT).toBe(outcome)
  })
})

test.each([
  ['GreaterThanThreshold', 5, 'OK'],
  ['GreaterThanThreshold', 5.1, 'ALARM'],
  ['GreaterThanOrEqualToThreshold', 5, 'ALARM'],
  ['LessThanThreshold', 5, 'OK'],
  ['LessThanThreshold', 4.9, 'ALARM'],
  ['LessThanOrEqualToThreshold', 5, 'ALARM'],
] as const)('%s 5 of %d is %s', (comparison, value, state) => {
  const at = new Date(now.getTime() - PERIOD * 1000)
  const one = alarm({ comparison, evaluationPeriods: 1, datapointsToAlarm: 1 })
  expect(evaluateAlarm(one, [{ at, value }], now)?.state).toBe(state)
})

test('the reason says which datapoints crossed which threshold', () => {
  const one = alarm({ evaluationPeriods: 2, datapointsToAlarm: 1, threshold: 5 })
  expect(evaluateAlarm(one, points('0 X'), now)?.reason).toBe(
    'Threshold Crossed: 1 out of the last 2 datapoints [9.0 (01/01/26 00:09:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
  )
  expect(evaluateAlarm(one, points('0 0'), now)?.reason).toBe(
    'Threshold Crossed: 2 out of the last 2 datapoints [0.0 (01/01/26 00:09:00), 0.0 (01/01/26 00:08:00)] were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition).',
  )
  expect(evaluateAlarm(alarm(), [], now)?.reason).toBe('Insufficient Data: 3 datapoints were unknown.')
})

test('data beyond the range does not count', () => {
  const old = [{ at: new Date(now.getTime() - 3_600_000), value: 9 }]
  expect(evaluateAlarm(alarm(), old, now)?.state).toBe('INSUFFICIENT_DATA')
})
