// Metric math as values: numbers, time series and arrays of them. Pure. AWS: Using math expressions with CloudWatch metrics.

import { assertNever } from '../../../core/assertNever.ts'
import { type Expression, ExpressionError, type Operator } from './expression.ts'
import { functions } from './functions.ts'
import { type Grid, mapSeries, type Series, type Value, zipSeries } from './value.ts'

export interface Surroundings {
  /** The value of another query of the same request. */
  lookup(id: string): Value
  /** The metrics (not the expressions) of the request, for METRICS(). */
  readonly metrics: readonly (Series & { readonly id: string })[]
  readonly grid: Grid
}

export function evaluate(expression: Expression, around: Surroundings): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'word':
      throw new ExpressionError(`'${expression.value}' has no value here`)
    case 'id':
      return around.lookup(expression.name)
    case 'list':
      return expression.items.flatMap(item => {
        const value = evaluate(item, around)
        if (typeof value === 'number') throw new ExpressionError('an array holds time series, not numbers')
        return value
      })
    case 'negative':
      return apply('*', -1, evaluate(expression.of, around))
    case 'binary':
      return apply(expression.operator, evaluate(expression.left, around), evaluate(expression.right, around))
    case 'call':
      return call(expression, around)
    default:
      return assertNever(expression)
  }
}

function call({ name, given }: Expression & { kind: 'call' }, around: Surroundings): Value {
  if (name === 'METRICS') {
    const [part] = given
    const wanted = part?.kind === 'word' ? part.value : ''
    return around.metrics.filter(metric => metric.id.includes(wanted))
  }
  if (name === 'FILL' && given[1]?.kind === 'word') {
    return functions.FILL!([evaluate(given[0]!, around)], around.grid, given[1].value)
  }
  const run = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (!run) throw new ExpressionError(`unknown function ${name}`)
  return run(
    given.map(one => evaluate(one, around)),
    around.grid,
  )
}

function apply(operator: Operator, left: Value, right: Value): Value {
  const compute = OPERATORS[operator]
  if (typeof left === 'number')
    return typeof right === 'number'
      ? compute(left, right)
      : each(right, series => mapSeries(series, value => compute(left, value)))
  if (typeof right === 'number') return each(left, series => mapSeries(series, value => compute(value, right)))
  if (Array.isArray(left) && Array.isArray(right)) throw new ExpressionError(`'${operator}' does not take two arrays`)
  if (Array.isArray(left)) return left.map(series => zipSeries(series, right as Series, compute))
  return each(right, series => zipSeries(left as Series, series, compute))
}

function each(value: Series | readonly Series[], change: (series: Series) => Series): Value {
  return Array.isArray(value) ? value.map(change) : change(value as Series)
}

const OPERATORS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
}
