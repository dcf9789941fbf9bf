// Condition operators: each is a comparison of one value of the policy with one of the request, plus the rules for sets, absence and negation.

import { BlockList, isIP } from 'node:net'
import { globOf, matchGlob } from './glob.ts'
import { type ContextLookup, compileTemplate } from './template.ts'

/** One value of the policy, ready to be compared; undefined = it has a variable without a value. */
type Comparison = (value: string, context: ContextLookup) => boolean | undefined

interface Operator {
  readonly negated: boolean
  compile(value: string, variables: boolean): Comparison
}

export type Condition = (context: ContextLookup, effect: 'Allow' | 'Deny') => boolean

const OPERATORS = new Map<string, Operator>()
const operator = (name: string, compile: Operator['compile'], negatedName?: string) => {
  OPERATORS.set(name.toLowerCase(), { negated: false, compile })
  if (negatedName) OPERATORS.set(negatedName.toLowerCase(), { negated: true, compile })
}

const text =
  (rule: 'none' | 'text', fold: (text: string) => string): Operator['compile'] =>
  (source, variables) => {
    const template = compileTemplate(source, rule, variables, fold)
    return (value, context) => {
      const glob = template.glob(context)
      return glob && matchGlob(glob, fold(value))
    }
  }
const same = (value: string) => value
operator('StringEquals', text('none', same), 'StringNotEquals')
operator(
  'StringEqualsIgnoreCase',
  text('none', value => value.toLowerCase()),
  'StringNotEqualsIgnoreCase',
)
operator('StringLike', text('text', same), 'StringNotLike')

const ordered =
  (read: (text: string) => number, compare: (a: number, b: number) => boolean): Operator['compile'] =>
  source => {
    const limit = read(source)
    return value => compare(read(value), limit)
  }
const readNumber = (source: string) => (source.trim() === '' ? Number.NaN : Number(source))
/** ISO 8601 in any of W3C's lengths, or seconds since 1970. */
const readDate = (source: string) => (/^\d{5,}(\.\d+)?$/.test(source) ? Number(source) * 1000 : Date.parse(source))
for (const [family, read] of [
  ['Numeric', readNumber],
  ['Date', readDate],
] as const) {
  operator(
    `${family}Equals`,
    ordered(read, (a, b) => a === b),
    `${family}NotEquals`,
  )
  operator(
    `${family}LessThan`,
    ordered(read, (a, b) => a < b),
  )
  operator(
    `${family}LessThanEquals`,
    ordered(read, (a, b) => a <= b),
  )
  operator(
    `${family}GreaterThan`,
    ordered(read, (a, b) => a > b),
  )
  operator(
    `${family}GreaterThanEquals`,
    ordered(read, (a, b) => a >= b),
  )
}

operator('Bool', source => value => value.toLowerCase() === source.toLowerCase())
operator('BinaryEquals', source => {
  const bytes = Buffer.from(source, 'base64')
  return value => Buffer.from(value, 'base64').equals(bytes)
})

operator(
  'IpAddress',
  source => {
    const block = new BlockList()
    const [address = '', length] = source.split('/')
    const family = isIP(address)
    const bits = length === undefined ? (family === 6 ? 128 : 32) : Number(length)
    if (family !== 0 && Number.isInteger(bits) && bits >= 0 && bits <= (family === 6 ? 128 : 32)) {
      block.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
    }
    return value => {
      const plain = value.replace(/^::ffff:(?=\d+\.)/i, '')
      const kind = isIP(plain)
      return kind !== 0 && kind === family && block.check(plain, kind === 6 ? 'ipv6' : 'ipv4') // node's list would find IPv4 inside ::/0
    }
  },
  'NotIpAddress',
)

/** AWS: each of the six colon-separated parts is matched on its own; ArnEquals and ArnLike behave the same [IAM user guide, "Condition operators"]. */
const arn: Operator['compile'] = (source, variables) => {
  const template = compileTemplate(source, 'none', variables)
  return (value, context) => {
    const pattern = template.text(context)
    if (pattern === undefined) return undefined
    if (pattern === '*') return true
    const wanted = sixParts(pattern)
    const given = sixParts(value)
    return (
      wanted.length === 6 && given.length === 6 && wanted.every((part, i) => matchGlob(globOf(part, 'text'), given[i]!))
    )
  }
}
const sixParts = (source: string) => {
  const parts = source.split(':')
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')]
}
operator('ArnEquals', arn, 'ArnNotEquals')
operator('ArnLike', arn, 'ArnNotLike')

const NAME = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/i

export function isConditionOperator(name: string): boolean {
  const [, , base = ''] = NAME.exec(name) ?? []
  return base.toLowerCase() === 'null' ? !/:|IfExists$/i.test(name) : OPERATORS.has(base.toLowerCase())
}

/** One operator with one key; an unknown operator never holds for Allow and always for Deny. */
export function compileCondition(name: string, key: string, values: readonly string[], variables: boolean): Condition {
  const lookup = key.toLowerCase()
  const [, set, base = '', ifExists] = NAME.exec(name) ?? []
  if (base.toLowerCase() === 'null') {
    const absent = values.map(value => value.toLowerCase() === 'true')
    return context => absent.includes((context(lookup)?.length ?? 0) === 0)
  }
  const found = OPERATORS.get(base.toLowerCase())
  if (!found) return (_, effect) => effect === 'Deny'
  const { negated } = found
  const comparisons = values.map(value => found.compile(value, variables))

  return (context, effect) => {
    const given = context(lookup)
    if (given === undefined || given.length === 0) {
      if (ifExists) return true
      if (set) return set.toLowerCase() === 'forallvalues'
      return negated // AWS: a negated operator holds for a key that is not there
    }
    const holds = (value: string) => {
      let unresolved = false
      for (const compare of comparisons) {
        const equal = compare(value, context)
        if (equal) return !negated
        if (equal === undefined) unresolved = true
      }
      return negated && (!unresolved || effect === 'Deny') // a variable without a value never helps to allow
    }
    if (set?.toLowerCase() === 'foranyvalue') return given.some(holds)
    if (set?.toLowerCase() === 'forallvalues' || negated) return given.every(holds)
    return given.some(holds)
  }
}
