// One validator for every service: an input against its model's constraints, in AWS's sentences.

import type { Violation } from '../operation/service.ts'
import type { Constraint, Constraints, NumberConstraint, TextConstraint } from './constraints.ts'
import { compileJavaPattern } from './javaPattern.ts'
import type { ServiceModel } from './serviceModel.ts'

type Check = (value: unknown, path: string, found: Violation[]) => void
type Kind = Violation['kind']
/** One limit of a scalar, list or map: what it demands, and whether a value meets it. */
interface Rule {
  readonly kind: Kind
  readonly demand: string
  readonly holds: (value: any) => boolean
}

const compiled = new WeakMap<Constraints, Map<string, Check>>()
const NOTHING: readonly Violation[] = []

/**
 * Every broken constraint of an operation's input, in the model's order; empty when it is fine. Paths are AWS's: members
 * begin in lower case whatever the wire says (`userName` for IAM's UserName), list items are `tags.1.member.key`.
 */
export function validate(model: ServiceModel, operation: string, input: unknown): readonly Violation[] {
  const shape = model.constraints.operations[operation]
  if (shape === undefined) return NOTHING
  const found: Violation[] = []
  checkOf(model.constraints, shape)(input ?? {}, '', found)
  return found
}

/** AWS's message for several: `2 validation errors detected: ...; ...`. */
export function joinViolations(violations: readonly Violation[]): string {
  const count = violations.length
  return `${count} validation error${count === 1 ? '' : 's'} detected: ${violations.map(v => v.message).join('; ')}`
}

function checkOf(constraints: Constraints, name: string): Check {
  let checks = compiled.get(constraints)
  if (!checks) {
    checks = new Map()
    compiled.set(constraints, checks)
  }
  const all = checks
  const known = all.get(name)
  if (known) return known
  // Shapes may hold themselves: while one is being made, a late lookup stands for it.
  all.set(name, (value, path, found) => all.get(name)!(value, path, found))
  const check = makeCheck(constraints, constraints.shapes[name]!)
  all.set(name, check)
  return check
}

function makeCheck(constraints: Constraints, constraint: Constraint): Check {
  switch (constraint.type) {
    case 'structure':
      return structureCheck(constraints, constraint)
    case 'list':
      return listCheck(constraints, constraint)
    case 'map':
      return mapCheck(constraints, constraint)
    default: {
      const rules = rulesOf(constraint)
      const sensitive = constraint.type === 'string' && constraint.sensitive
      return (value, path, found) => {
        for (const rule of rules) {
          if (rule.holds(value)) continue
          found.push(violation(path, rule.kind, value, rule.demand, sensitive))
          if (rule.kind === 'type') return
        }
      }
    }
  }
}

function structureCheck(constraints: Constraints, shape: Constraint & { type: 'structure' }): Check {
  const required = new Set(shape.required)
  const names = [...new Set([...required, ...Object.keys(shape.members ?? {})])]
  const members = names.map(name => {
    const target = shape.members?.[name]
    return {
      name,
      shown: lowerFirst(name),
      required: required.has(name),
      check: target && checkOf(constraints, target),
    }
  })
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null) {
      found.push(violation(path, 'type', value, 'Member must be a structure'))
      return
    }
    const fields = value as Record<string, unknown>
    for (const member of members) {
      const field = fields[member.name]
      if (field === undefined || field === null) {
        if (member.required)
          found.push(violation(below(path, member.shown), 'required', null, 'Member must not be null'))
      } else if (member.check) {
        member.check(field, below(path, member.shown), found)
      }
    }
    if (shape.union && Object.values(fields).filter(field => field !== undefined && field !== null).length !== 1) {
      found.push(violation(path, 'unknownUnion', value, 'Exactly one member must be set'))
    }
  }
}

function listCheck(constraints: Constraints, shape: Constraint & { type: 'list' }): Check {
  const rules = lengthRules(shape, value => (Array.isArray(value) ? value.length : undefined))
  const item = shape.item === undefined ? undefined : constraints.shapes[shape.item]
  const each = scalarsCheck(item, 'Member must satisfy constraint')
  const nested = item && !each ? checkOf(constraints, shape.item!) : undefined
  return (value, path, found) => {
    if (!Array.isArray(value)) {
      found.push(violation(path, 'type', value, 'Member must be a list'))
      return
    }
    for (const rule of rules) if (!rule.holds(value)) found.push(violation(path, rule.kind, value, rule.demand))
    each?.(value, value, path, found)
    if (nested) for (const [index, one] of value.entries()) nested(one, `${path}.${index + 1}.member`, found)
  }
}

function mapCheck(constraints: Constraints, shape: Constraint & { type: 'map' }): Check {
  const rules = lengthRules(shape, value => Object.keys(value).length)
  const valueShape = shape.value === undefined ? undefined : constraints.shapes[shape.value]
  const keys = scalarsCheck(
    shape.key === undefined ? undefined : constraints.shapes[shape.key],
    'Map keys must satisfy constraint',
  )
  const values = scalarsCheck(valueShape, 'Map value must satisfy constraint')
  const nested = valueShape && !values ? checkOf(constraints, shape.value!) : undefined
  return (value, path, found) => {
    if (typeof value !== 'object' || value === null) {
      found.push(violation(path, 'type', value, 'Member must be a map'))
      return
    }
    for (const rule of rules) if (!rule.holds(value)) found.push(violation(path, rule.kind, value, rule.demand))
    keys?.(Object.keys(value), value, path, found)
    values?.(Object.values(value), value, path, found)
    if (nested) for (const [key, one] of Object.entries(value)) nested(one, `${path}.${key}.member`, found)
  }
}

/** AWS reports a bad scalar in a list or map once, at the collection, with all that its items must satisfy. */
function scalarsCheck(constraint: Constraint | undefined, words: string) {
  if (!constraint || constraint.type === 'structure' || constraint.type === 'list' || constraint.type === 'map')
    return undefined
  const rules = rulesOf(constraint)
  const demand = `${words}: [${rules
    .filter(rule => rule.kind !== 'type')
    .map(rule => rule.demand)
    .join(', ')}]`
  const sensitive = constraint.type === 'string' && constraint.sensitive
  return (items: readonly unknown[], whole: unknown, path: string, found: Violation[]): void => {
    for (const one of items) {
      const broken = one === null || one === undefined ? undefined : rules.find(rule => !rule.holds(one))
      if (!broken) continue
      found.push(violation(path, broken.kind, whole, broken.kind === 'type' ? broken.demand : demand, sensitive))
      return
    }
  }
}

function rulesOf(constraint: TextConstraint | NumberConstraint): readonly Rule[] {
  switch (constraint.type) {
    case 'integer':
    case 'number':
      return numberRules(constraint)
    case 'string':
      return [...lengthRules(constraint, value => codePoints(value)), ...textRules(constraint)]
    case 'blob':
      return lengthRules(constraint, value => (value instanceof Uint8Array ? value.byteLength : undefined))
  }
}

function numberRules({ type, min, max }: NumberConstraint): readonly Rule[] {
  const rules: Rule[] = []
  if (type === 'integer') {
    const holds = (value: unknown) => typeof value === 'bigint' || Number.isInteger(value)
    rules.push({ kind: 'type', demand: 'Member must be an integer', holds })
  } else {
    rules.push({ kind: 'type', demand: 'Member must be a number', holds: value => typeof value === 'number' })
  }
  if (max !== undefined) {
    rules.push({
      kind: 'range',
      demand: `Member must have value less than or equal to ${max}`,
      holds: value => value <= max,
    })
  }
  if (min !== undefined) {
    rules.push({
      kind: 'range',
      demand: `Member must have value greater than or equal to ${min}`,
      holds: value => value >= min,
    })
  }
  return rules
}

/** `lengthOf` answers undefined for what has no length yet (a stream) and is let through. */
function lengthRules(
  { min, max }: { min?: number; max?: number },
  lengthOf: (value: any) => number | undefined,
): Rule[] {
  const rules: Rule[] = []
  if (max !== undefined) {
    const holds = (value: unknown) => (lengthOf(value) ?? max) <= max
    rules.push({ kind: 'length', demand: `Member must have length less than or equal to ${max}`, holds })
  }
  if (min !== undefined) {
    const holds = (value: unknown) => (lengthOf(value) ?? min) >= min
    rules.push({ kind: 'length', demand: `Member must have length greater than or equal to ${min}`, holds })
  }
  return rules
}

function textRules({ pattern, enum: allowed, min, max }: TextConstraint): Rule[] {
  const rules: Rule[] = []
  const regex = pattern === undefined ? undefined : compileJavaPattern(pattern)
  if (regex) {
    const demand = `Member must satisfy regular expression pattern: ${pattern}`
    const hopeless = max === undefined ? Number.POSITIVE_INFINITY : Math.max(max * 2, 10_000)
    const holds = (value: unknown) => typeof value === 'string' && (value.length > hopeless || regex.test(value))
    rules.push({ kind: 'pattern', demand, holds })
  }
  if (allowed) {
    const values = new Set<unknown>(allowed)
    const demand = `Member must satisfy enum value set: [${allowed.join(', ')}]`
    rules.push({ kind: 'enum', demand, holds: value => values.has(value) })
  }
  if (rules.length > 0 || min !== undefined || max !== undefined) {
    rules.unshift({ kind: 'type', demand: 'Member must be a string', holds: value => typeof value === 'string' })
  }
  return rules
}

function codePoints(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  let count = text.length
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && at > 0) count--
  return count
}

function violation(path: string, kind: Kind, value: unknown, demand: string, sensitive = false): Violation {
  const shown = kind === 'required' ? 'Value null' : sensitive ? 'Value' : `Value '${shownValue(value)}'`
  return { path, kind, value, message: `${shown} at '${path}' failed to satisfy constraint: ${demand}` }
}

/** As Java's toString shows values. DEVIATES: cut at 2,000 characters. */
function shownValue(value: unknown): string {
  const text = javaText(value)
  return text.length > 2000 ? text.slice(0, 2000) : text
}

function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}=${javaText(one)}`)
      .join(', ')}}`
  }
  return String(value)
}

const below = (path: string, name: string) => (path === '' ? name : `${path}.${name}`)
const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1)
