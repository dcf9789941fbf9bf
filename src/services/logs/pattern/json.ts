// JSON patterns: `{ ($.status = 5* || $.error.code = "E1") && $.retry IS TRUE && $.x NOT EXISTS }`.

import { type Operator, parseCondition } from './condition.ts'
import { TokenReader } from './lexer.ts'
import { type FilterPattern, NOTHING, PatternError } from './match.ts'

type Test = (event: unknown) => boolean

export function parseJsonPattern(pattern: string): FilterPattern {
  const reader = new TokenReader(pattern)
  reader.expect('{')
  const test = either(reader)
  reader.expect('}')
  if (reader.peek()) throw new PatternError(`Unexpected '${reader.next().text}' after the pattern`)
  return {
    match(message) {
      const event = parseObject(message)
      return event !== undefined && test(event) ? NOTHING : undefined
    },
  }
}

function parseObject(message: string): unknown {
  const start = message.trimStart()[0]
  if (start !== '{' && start !== '[') return undefined
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}

function either(reader: TokenReader): Test {
  const tests = [both(reader)]
  while (reader.take('||')) tests.push(both(reader))
  return event => tests.some(test => test(event))
}

function both(reader: TokenReader): Test {
  const tests = [single(reader)]
  while (reader.take('&&')) tests.push(single(reader))
  return event => tests.every(test => test(event))
}

function single(reader: TokenReader): Test {
  if (reader.take('(')) {
    const inner = either(reader)
    reader.expect(')')
    return inner
  }
  const selector = reader.next()
  if (selector.kind !== 'selector') throw new PatternError(`Expected a property selector but found '${selector.text}'`)
  const select = parseSelector(selector.text)
  const operator = reader.next().text
  switch (operator) {
    case 'IS': {
      const wanted = CONSTANTS.get(reader.next().text)
      if (wanted === undefined) throw new PatternError('IS needs NULL, TRUE or FALSE')
      return event => select(event).includes(wanted)
    }
    case 'NOT':
      reader.expect('EXISTS')
      return event => select(event).length === 0
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(select, operator, reader.next().text)
    default:
      throw new PatternError(`'${operator}' is not an operator`)
  }
}

const CONSTANTS = new Map<string, boolean | null>([
  ['NULL', null],
  ['TRUE', true],
  ['FALSE', false],
])

// AWS: a selector that points to an array or object does not match (Filter pattern syntax, Property selector).
function comparison(select: (event: unknown) => unknown[], operator: Operator, literal: string): Test {
  const condition = parseCondition(operator, literal)
  return event =>
    select(event).some(value => {
      if (typeof value === 'string' || typeof value === 'number') return condition(value)
      return typeof value === 'boolean' && condition(String(value))
    })
}

type Step = { readonly property: string } | { readonly index: number } | 'all'

function parseSelector(text: string): (event: unknown) => unknown[] {
  const steps: Step[] = []
  for (const [, name, index, single, double] of text.matchAll(
    /\.(\*|[\w-]+)|\.?\[(?:(\d+|\*)|'([^']*)'|"([^"]*)")\]/g,
  )) {
    const property = single ?? double
    if (property !== undefined) steps.push({ property })
    else if (name === '*' || index === '*') steps.push('all')
    else if (name !== undefined) steps.push({ property: name })
    else steps.push({ index: Number(index) })
  }
  // AWS: "You can only use up to one wildcard selector in a property selector" (Filter pattern syntax, Quotas).
  if (steps.filter(step => step === 'all').length > 1)
    throw new PatternError(`Selector '${text}' has more than one wildcard`)
  return event => steps.reduce<unknown[]>((values, step) => values.flatMap(value => walk(value, step)), [event])
}

function walk(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (step === 'all') return Object.values(value)
  if ('index' in step) return Array.isArray(value) && step.index < value.length ? [value[step.index]] : []
  return !Array.isArray(value) && Object.hasOwn(value, step.property)
    ? [(value as Record<string, unknown>)[step.property]]
    : []
}
