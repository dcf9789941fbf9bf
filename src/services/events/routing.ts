// Which rules of a bus an event matches: compiled once per version of the bus's rules, kept in memory.

import type { Scope } from '../../core/scope.ts'
import type { EventRecord } from '../../operation/call.ts'
import { type EventPattern, parsePattern } from '../../patterns/eventPattern.ts'
import type { Tx } from '../../store/tx.ts'
import { rulesWithPattern, ruleVersion } from './rules.ts'

interface Compiled {
  readonly version: string
  readonly rules: readonly { readonly name: string; readonly pattern: EventPattern }[]
}

const compiled = new Map<string, Compiled>()
const MOST_BUSES = 500

/** Names of the enabled rules that match. One look at the version tells whether the compiled rules are still the rules. */
export async function matchingRules(tx: Tx, scope: Scope, bus: string, event: EventRecord): Promise<string[]> {
  const version = await ruleVersion(tx, scope, bus)
  if (version === '') return []
  const { rules } = await compiledRules(tx, scope, bus, version)
  return rules.filter(rule => rule.pattern.matches(event)).map(rule => rule.name)
}

async function compiledRules(tx: Tx, scope: Scope, bus: string, version: string): Promise<Compiled> {
  const key = `${scope.account}/${scope.region}/${bus}`
  const known = compiled.get(key)
  if (known?.version === version) return known
  const rows = await rulesWithPattern(tx, scope, bus)
  const fresh = { version, rules: rows.map(row => ({ name: row.name, pattern: parsePattern(row.pattern) })) }
  compiled.delete(key)
  compiled.set(key, fresh)
  if (compiled.size > MOST_BUSES) compiled.delete(compiled.keys().next().value!)
  return fresh
}
