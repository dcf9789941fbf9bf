import { describe, expect, test } from 'vitest'
import { evaluate } from './evaluate.ts'
import { ExpressionError, parseExpression } from './expression.ts'
import { type Series, seriesOf, type Value } from './value.ts'

const minute = (index: number) => index * 60_000
const series = (label: string, values: readonly (number | undefined)[]): Series =>
  seriesOf(
    label,
    60,
    values.flatMap((value, index) => (value === undefined ? [] : [[minute(index), value] as const])),
  )

const m1 = { ...series('one', [1, 2, 3]), id: 'm1' }
const m2 = { ...series('two', [10, undefined, 30]), id: 'm2' }
const empty = series('none', [])

function run(text: string): unknown {
  const lookup = (id: string): Value => (id === 'm1' ? m1 : id === 'm2' ? m2 : empty)
  const grid = { times: () => [minute(0), minute(1), minute(2), minute(3)] }
  const value = evaluate(parseExpression(text), { lookup, metrics: [m1, m2], grid })
  const shown = (one: Series) => [...one.points].map(([time, number]) => `${time / 60_000}:${number}`).join(' ')
  if (typeof value === 'number') return value
  return 'points' in value ? shown(value) : value.map(shown)
}

describe('metric math', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['2 ^ 3 ^ 2', 512],
    ['-m1', '0:-1 1:-2 2:-3'],
    ['10 - 4 - 3', 3],
    ['m1 + 1', '0:2 1:3 2:4'],
    ['m1 + m2', '0:11 2:33'],
    ['100 * m1 / m2', '0:10 2:10'],
    ['m1 / 0', ''],
    ['m1 > 1', '0:0 1:1 2:1'],
    ['m1 > 1 AND m1 < 3', '0:0 1:1 2:0'],
    ['SUM(m1)', 6],
    ['AVG(m2)', 20],
    ['SUM([m1, m2])', '0:11 1:2 2:33'],
    ['SUM(METRICS())', '0:11 1:2 2:33'],
    ['MAX([m1, m2])', '0:10 1:2 2:30'],
    ['MIN(m1)', 1],
    ['METRICS("m2") * 2', ['0:20 2:60']],
    ['FILL(m2, 0)', '0:10 1:0 2:30 3:0'],
    ['FILL(m2, REPEAT)', '0:10 1:10 2:30 3:30'],
    ['FILL(m2, LINEAR)', '0:10 1:20 2:30'],
    ['FILL(none, 1)', '0:1 1:1 2:1 3:1'],
    ['FILL([m1, m2], 0)', ['0:1 1:2 2:3 3:0', '0:10 1:0 2:30 3:0']],
    ['IF(m1 > 1, m1, 0)', '0:0 1:2 2:3'],
    ['IF(m1 > 1, m1)', '1:2 2:3'],
    ['IF(SUM(m1) > 5, m1, m2)', '0:1 1:2 2:3'],
    ['RUNNING_SUM(m1)', '0:1 1:3 2:6'],
    ['DIFF(m1)', '1:1 2:1'],
    ['ABS(-m1)', '0:1 1:2 2:3'],
    ['m1 / PERIOD(m1)', `0:${1 / 60} 1:${2 / 60} 2:${3 / 60}`],
  ])('%s is %s', (text, value) => {
    expect(run(text)).toEqual(value)
  })

  test.each(['', '1 +', 'm1 m2', '(m1', 'm1 & m2', 'SUM(m1', '[m1, 2]', 'SUM(1)', 'NOTHING(m1)'])(
    'refuses %j',
    text => {
      expect(() => run(text)).toThrow(ExpressionError)
    },
  )
})
