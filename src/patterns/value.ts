// One alternative of a field in an event pattern: `"x"`, `{"prefix": "x"}`, `{"numeric": [">", 1]}` ... as a test of a leaf.

import { BlockList, isIP } from 'node:net'

/** A value that is no array and no object. */
export type Leaf = string | number | boolean | null
export type LeafTest = (leaf: Leaf) => boolean

/** The pattern is not in the language; `reason` is what AWS says after "Event pattern is not valid. Reason: ". */
export class PatternSyntaxError extends Error {
  override readonly name = 'PatternSyntaxError'
}

function refuse(reason: string): never {
  throw new PatternSyntaxError(reason)
}

/** The test for one element of a field's list; 'absent' for `{"exists": false}`. */
export function valueTest(alternative: unknown): LeafTest | 'absent' {
  if (typeof alternative === 'object' && alternative !== null && !Array.isArray(alternative)) {
    return expressionTest(alternative as Record<string, unknown>)
  }
  if (Array.isArray(alternative)) return refuse('Match value must be String, number, true, false, or null')
  return leaf => leaf === alternative
}

// AWS: texts and rules of match expressions as in EventBridge's own rule engine (github.com/aws/event-ruler, JsonRuleCompiler).
function expressionTest(expression: Record<string, unknown>): LeafTest | 'absent' {
  const [[type, value] = [], ...more] = Object.entries(expression)
  if (type === undefined) return refuse('Match expression name not found')
  const test = matchTest(type, value)
  if (more.length > 0) {
    refuse(
      type === 'numeric' || type === 'anything-but'
        ? 'Too many elements in numeric expression'
        : 'Only one key allowed in match expression',
    )
  }
  return test
}

function matchTest(type: string, value: unknown): LeafTest | 'absent' {
  switch (type) {
    case 'exactly': {
      const wanted = text(value, 'exact match pattern must be a string')
      return leaf => leaf === wanted
    }
    case 'prefix':
      return affixTest('prefix', value)
    case 'suffix':
      return affixTest('suffix', value)
    case 'equals-ignore-case':
      return ignoringCase(text(value, 'equals-ignore-case match pattern must be a string'))
    case 'wildcard':
      return wildcardTest(text(value, 'wildcard match pattern must be a string'))
    case 'numeric':
      return numericTest(value)
    case 'cidr':
      return cidrTest(text(value, 'prefix match pattern must be a string'))
    case 'anything-but':
      return anythingBut(value)
    case 'exists':
      if (typeof value !== 'boolean') refuse('exists match pattern must be either true or false.')
      return value ? () => true : 'absent'
    default:
      return refuse(`Unrecognized match type ${type}`)
  }
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : refuse(otherwise)
}

const onStrings =
  (test: (value: string) => boolean): LeafTest =>
  leaf =>
    typeof leaf === 'string' && test(leaf)

const ignoringCase = (wanted: string): LeafTest => onStrings(value => value.toLowerCase() === wanted.toLowerCase())

function affixTest(side: 'prefix' | 'suffix', value: unknown): LeafTest {
  const has = (leaf: string, part: string) => (side === 'prefix' ? leaf.startsWith(part) : leaf.endsWith(part))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const part = text(value, `${side} match pattern must be a string`)
    return onStrings(leaf => has(leaf, part))
  }
  const [[operator, inner] = [], ...more] = Object.entries(value)
  if (operator === undefined) refuse(`${side === 'prefix' ? 'Prefix' : 'Suffix'} expression name not found`)
  if (operator !== 'equals-ignore-case') refuse(`Unsupported ${side} pattern: ${operator}`)
  const part = text(inner, 'equals-ignore-case match pattern must be a string').toLowerCase()
  if (more.length > 0) refuse('Only one key allowed in match expression')
  return onStrings(leaf => has(leaf.toLowerCase(), part))
}

/** `*` is any run of characters; `\*` and `\\` are themselves. Pieces are found from left to right: no backtracking. */
export function wildcardTest(pattern: string): LeafTest {
  const pieces = ['']
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    const next = pattern[at + 1]
    if (character === '*') {
      // AWS counts positions with the opening quote.
      if (next === '*') refuse(`Consecutive wildcard characters at pos ${at + 1}`)
      pieces.push('')
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') refuse(`Invalid escape character at pos ${at + 1}`)
      pieces[pieces.length - 1] += next
      at++
    } else {
      pieces[pieces.length - 1] += character
    }
  }
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (pieces.length === 1) return leaf => leaf === first
  const middle = pieces.slice(1, -1)
  return onStrings(leaf => {
    if (leaf.length < first.length + last.length || !leaf.startsWith(first) || !leaf.endsWith(last)) return false
    let at = first.length
    for (const piece of middle) {
      const found = leaf.indexOf(piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return at <= leaf.length - last.length
  })
}

const number = (value: unknown, otherwise: string): number => (typeof value === 'number' ? value : refuse(otherwise))

function numericTest(value: unknown): LeafTest {
  if (!Array.isArray(value)) return refuse('Value of numeric must be an array.')
  const [operator, first, upperOperator, upper, ...more] = value
  if (typeof operator !== 'string') return refuse(`Invalid member in numeric match: ${operator ?? ']'}`)
  const onNumbers =
    (test: (value: number) => boolean): LeafTest =>
    leaf =>
      typeof leaf === 'number' && test(leaf)
  switch (operator) {
    case '=': {
      const wanted = number(first, 'Value of equals must be numeric')
      if (value.length > 2) refuse('Too many elements in numeric expression')
      return onNumbers(leaf => leaf === wanted)
    }
    case '<':
    case '<=': {
      const top = number(first, `Value of ${operator} must be numeric`)
      if (value.length > 2) refuse('Too many elements in numeric expression')
      return onNumbers(leaf => (operator === '<' ? leaf < top : leaf <= top))
    }
    case '>':
    case '>=': {
      const bottom = number(first, `Value of ${operator} must be numeric`)
      const above = (leaf: number) => (operator === '>' ? leaf > bottom : leaf >= bottom)
      if (value.length === 2) return onNumbers(above)
      if (typeof upperOperator !== 'string') return refuse(`Bad value in numeric range: ${upperOperator}`)
      if (upperOperator !== '<' && upperOperator !== '<=') refuse(`Bad numeric range operator: ${upperOperator}`)
      const top = number(upper, `Value of ${upperOperator} must be numeric`)
      if (more.length > 0) refuse('Too many terms in numeric range expression')
      if (bottom >= top) refuse('Bottom must be less than top')
      return onNumbers(leaf => above(leaf) && (upperOperator === '<' ? leaf < top : leaf <= top))
    }
    default:
      return refuse(`Unrecognized numeric range operator: ${operator}`)
  }
}

function cidrTest(block: string): LeafTest {
  const [address = '', bits = '', ...more] = block.split('/')
  if (bits === '' || more.length > 0) refuse("Malformed CIDR, one '/' required")
  if (!/^-?\d+$/.test(bits)) refuse('Malformed CIDR, mask bits must be an integer')
  const prefix = Number(bits)
  if (prefix < 0) refuse('Malformed CIDR, mask bits must not be negative')
  const family = isIP(address)
  if (family === 0) refuse(`Nonstandard IP address: ${address}`)
  if (family === 4 && prefix > 32) refuse('IPv4 mask bits must be < 32')
  if (family === 6 && prefix > 128) refuse('IPv6 mask bits must be < 128')
  const list = new BlockList()
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return onStrings(leaf => isIP(leaf) === family && list.check(leaf, family === 4 ? 'ipv4' : 'ipv6'))
}

const LIST_ONLY = 'Value of anything-but must be an array or single string/number value.'

function anythingBut(value: unknown): LeafTest {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const [[operator, inner] = [], ...more] = Object.entries(value)
    if (operator === undefined) return refuse('Anything-But expression name not found')
    const test = forbidden(operator, inner)
    if (more.length > 0) refuse('Too many elements in numeric expression')
    return onStrings(leaf => !test.some(one => one(leaf)))
  }
  if (!Array.isArray(value) && typeof value !== 'string' && typeof value !== 'number') return refuse(LIST_ONLY)
  const values: unknown[] = Array.isArray(value) ? value : [value]
  const kinds = new Set(values.map(one => typeof one))
  if ([...kinds].some(kind => kind !== 'string' && kind !== 'number'))
    refuse('Inside anything but list, start|null|boolean is not supported.')
  if (kinds.size !== 1)
    refuse('Inside anything but list, either all values are number or string, mixed type is not supported')
  const set = new Set(values)
  return leaf => !set.has(leaf)
}

/** What `anything-but` with an operator forbids. */
function forbidden(operator: string, value: unknown): LeafTest[] {
  if (!['equals-ignore-case', 'prefix', 'suffix', 'wildcard'].includes(operator))
    refuse(`Unsupported anything-but pattern: ${operator}`)
  if (!Array.isArray(value) && typeof value !== 'string' && typeof value !== 'number') refuse(LIST_ONLY)
  return (Array.isArray(value) ? value : [value]).map(one => {
    switch (operator) {
      case 'equals-ignore-case':
        return ignoringCase(
          text(one, 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.'),
        )
      case 'wildcard':
        return wildcardTest(text(one, 'wildcard match pattern must be a string'))
      default: {
        const part = text(one, 'prefix/suffix match pattern must be a string')
        if (part === '') refuse('Null prefix/suffix not allowed')
        return affixTest(operator as 'prefix' | 'suffix', part)
      }
    }
  })
}
