// AWS's own managed policies, those that people attach by ARN around CI/CD: names, versions and contents are facts of AWS.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BASE32 } from '../../../core/ids.ts'
import type { ManagedPolicy } from './managedPolicy.ts'

interface Fact {
  readonly version: string
  readonly created: string
  readonly updated: string
  readonly document: unknown
}

let table: Map<string, ManagedPolicy> | undefined

/** By ARN, sorted; read on first use. */
export function awsManagedPolicies(): ReadonlyMap<string, ManagedPolicy> {
  if (table) return table
  const facts: Record<string, Fact> = JSON.parse(
    readFileSync(new URL('./awsManagedPolicies.json', import.meta.url), 'utf8'),
  )
  table = new Map(
    Object.entries(facts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([arn, fact]) => [arn, policyOf(arn, fact)]),
  )
  return table
}

function policyOf(arn: string, fact: Fact): ManagedPolicy {
  const full = arn.slice('arn:aws:iam::aws:policy'.length)
  const cut = full.lastIndexOf('/') + 1
  const version = Number(fact.version.slice(1))
  return {
    arn,
    id: `ANPA${base32(arn)}`,
    name: full.slice(cut),
    path: full.slice(0, cut),
    description: undefined,
    created_at: new Date(fact.created),
    updated_at: new Date(fact.updated),
    default_version: version,
    tags: [],
    document: JSON.stringify(fact.document),
  }
}

/** AWS's real ids are not public facts: ours are stable, made of the ARN. */
const base32 = (text: string) =>
  [...createHash('sha256').update(text).digest().subarray(0, 17)].map(byte => BASE32[byte % 32]).join('')
