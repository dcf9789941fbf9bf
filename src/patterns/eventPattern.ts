// Event patterns of EventBridge and filter policies of SNS: a pure matcher, compiled once, for events as parsed JSON.

import { type Leaf, type LeafTest, PatternSyntaxError, valueTest } from './value.ts'

export { PatternSyntaxError } from './value.ts'

export interface EventPattern {
  matches(event: unknown): boolean
}

/** Tells whether the value of a field (undefined: the field is not there) satisfies its part of the pattern. */
type FieldTest = (value: unknown) => boolean

/** Compiles a pattern given as parsed JSON; throws PatternSyntaxError with AWS's reason. */
export function compilePattern(pattern: unknown): EventPattern {
  if (!isRecord(pattern)) throw new PatternSyntaxError('Filter is not an object')
  return { matches: objectTest(pattern, false) }
}

/** Compiles a pattern given as text. */
export function parsePattern(text: string): EventPattern {
  return compilePattern(parseJson(text))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PatternSyntaxError('Invalid JSON')
  }
}

// AWS: names that may not be fields inside of $or, for they would be match expressions (github.com/aws/event-ruler).
const RESERVED = new Set(
  (
    'exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard ' +
    'not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ' +
    'ip-address-in-range ip-address-not-in-range'
  ).split(' '),
)

function objectTest(pattern: Record<string, unknown>, inOr: boolean): FieldTest {
  const entries = Object.entries(pattern)
  if (entries.length === 0) throw new PatternSyntaxError('Empty objects are not allowed')
  const parts: ((object: Record<string, unknown>) => boolean)[] = entries.map(([name, part]) => {
    if (name === '$or') return orTest(part)
    if (inOr && RESERVED.has(name))
      throw new PatternSyntaxError(`${name} is Ruler reserved fieldName which cannot be used inside $or.`)
    const test = fieldTest(name, part, inOr)
    return object => test(Object.hasOwn(object, name) ? object[name] : undefined)
  })
  const test = (object: Record<string, unknown>) => parts.every(part => part(object))
  // AWS: of an array of objects, one and the same element must satisfy all fields (event-ruler, Array consistency).
  const anyElement: FieldTest = value => {
    if (Array.isArray(value)) {
      const inner = value.filter(element => typeof element === 'object' && element !== null)
      return inner.length === 0 ? test({}) : inner.some(anyElement)
    }
    return test(isRecord(value) ? value : {})
  }
  return anyElement
}

function orTest(alternatives: unknown): (object: Record<string, unknown>) => boolean {
  if (!Array.isArray(alternatives)) throw new PatternSyntaxError('It must be an Array followed with $or.')
  const tests = alternatives.map(alternative => {
    if (!isRecord(alternative))
      throw new PatternSyntaxError('Only JSON object is allowed in array of $or relationship.')
    return objectTest(alternative, true)
  })
  if (tests.length < 2) throw new PatternSyntaxError('There must have at least 2 Objects in $or relationship.')
  return object => tests.some(test => test(object))
}

function fieldTest(name: string, part: unknown, inOr: boolean): FieldTest {
  if (isRecord(part)) return objectTest(part, inOr)
  if (!Array.isArray(part)) throw new PatternSyntaxError(`"${name}" must be an object or an array`)
  return listTest(part)
}

function listTest(list: readonly unknown[]): FieldTest {
  if (list.length === 0) throw new PatternSyntaxError('Empty arrays are not allowed')
  const tests: LeafTest[] = []
  let absent = false
  for (const alternative of list) {
    const test = valueTest(alternative)
    if (test === 'absent') absent = true
    else tests.push(test)
  }
  // AWS: existence is a matter of leaves: an object or an empty array at the field counts as absent.
  return value => {
    const leaves = leavesOf(value)
    return leaves.length === 0 ? absent : leaves.some(leaf => tests.some(test => test(leaf)))
  }
}

function leavesOf(value: unknown): Leaf[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf)
  if (value === undefined || isRecord(value)) return []
  return [value as Leaf]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
