// What an approval rule asks for: read from its JSON, and weighed against who has approved. Pure.

import { createHash } from 'node:crypto'
import { isReferenceName } from '../../../git/index.ts'
import { inPool, isPoolMember, matches } from './pool.ts'

export interface RuleContent {
  /** Of templates: the branches that it is for; all when undefined. */
  readonly destinationReferences?: readonly string[]
  readonly statements: readonly RuleStatement[]
}

export interface RuleStatement {
  readonly needed: number
  /** Everybody when undefined. */
  readonly pool?: readonly string[]
}

const VERSION = '2018-11-08'
// AWS: 50 approvers in a pool, 100 destination references, 200 approvals on a pull request [limits].
const MOST_MEMBERS = 50
const MOST_REFERENCES = 100
export const MOST_APPROVALS = 200

/** Undefined when it is no rule; `template` says whether it may name branches. */
export function readRuleContent(text: string, { template }: { template: boolean }): RuleContent | undefined {
  const content = parse(text)
  if (!isRecord(content) || content.Version !== VERSION) return undefined
  const allowed = ['Version', 'Statements', ...(template ? ['DestinationReferences'] : [])]
  if (Object.keys(content).some(key => !allowed.includes(key))) return undefined
  const { Statements: statements, DestinationReferences: references } = content
  if (!Array.isArray(statements) || statements.length === 0) return undefined
  const read = statements.map(readStatement)
  if (read.some(one => one === undefined)) return undefined
  if (references !== undefined && !areReferences(references)) return undefined
  return {
    statements: read as RuleStatement[],
    ...(references !== undefined && { destinationReferences: references as string[] }),
  }
}

function readStatement(statement: unknown): RuleStatement | undefined {
  if (!isRecord(statement) || statement.Type !== 'Approvers') return undefined
  const { NumberOfApprovalsNeeded: needed, ApprovalPoolMembers: pool, Type: _, ...others } = statement
  if (Object.keys(others).length > 0) return undefined
  if (typeof needed !== 'number' || !Number.isInteger(needed) || needed < 1 || needed > MOST_APPROVALS) return undefined
  if (pool === undefined) return { needed }
  if (!Array.isArray(pool) || pool.length > MOST_MEMBERS || !pool.every(isPoolMember)) return undefined
  return { needed, ...(pool.length > 0 && { pool }) }
}

const areReferences = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= MOST_REFERENCES &&
  value.every(
    one =>
      typeof one === 'string' &&
      one.startsWith('refs/heads/') &&
      one[11] !== '*' &&
      isReferenceName(one.replaceAll('*', 'x')),
  )

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Every statement has as many approvals as it needs from its pool. */
export function isSatisfied({ statements }: RuleContent, approvers: readonly string[]): boolean {
  return statements.every(({ needed, pool }) => {
    const counted = pool ? approvers.filter(user => pool.some(member => inPool(member, user))) : approvers
    return counted.length >= needed
  })
}

/**
 * A template without references is for every branch.
 * AWS: names of branches may have wildcards, not at their beginning [how-to-create-template].
 */
export function concernsBranch({ destinationReferences: references }: RuleContent, reference: string): boolean {
  return !references?.length || references.some(one => matches(one, reference))
}

export const contentSha256 = (content: string): string => createHash('sha256').update(content).digest('hex')
