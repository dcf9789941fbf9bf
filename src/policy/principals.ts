// Who a Principal element speaks of, and how directly: that decides whether a resource's policy alone may grant.

import { parseArn } from '../core/arn.ts'
import { list, type PrincipalElement } from './document.ts'

/** What the evaluator needs to know of a caller; every `Principal` is one. */
export interface PrincipalFacts {
  readonly type: 'root' | 'user' | 'assumedRole' | 'service' | 'anonymous'
  readonly account: string
  readonly arn?: string
  readonly roleArn?: string
  readonly roleId?: string
  readonly userId?: string
  readonly service?: string
  readonly federated?: string
}

/**
 * `anyone`: everybody, named by a star. `account`: the account as a whole, which leaves the decision to its identity policies.
 * `role`: the role behind a session. `exact`: this user, session or service itself.
 */
export type Grant = 'anyone' | 'account' | 'role' | 'exact'

const STRENGTH: readonly Grant[] = ['account', 'role', 'anyone', 'exact']

/** The most direct way in which an element names the caller, or undefined when it does not. */
export function compilePrincipals(element: PrincipalElement): (facts: PrincipalFacts) => Grant | undefined {
  const tests =
    element === '*'
      ? [() => 'anyone' as const]
      : Object.entries(element).flatMap(([kind, values]) => list(values).map(value => oneTest(kind, value)))
  return facts => {
    let best: Grant | undefined
    for (const test of tests) {
      const grant = test(facts)
      if (grant && (!best || STRENGTH.indexOf(grant) > STRENGTH.indexOf(best))) best = grant
    }
    return best
  }
}

function oneTest(kind: string, value: string): (facts: PrincipalFacts) => Grant | undefined {
  if (kind === 'Service')
    return ({ type, service }) =>
      type === 'service' && (value === '*' || sameService(value, service)) ? 'exact' : undefined
  if (kind === 'Federated')
    return ({ federated }) => (federated !== undefined && (value === '*' || federated === value) ? 'exact' : undefined)
  if (kind !== 'AWS') return () => undefined
  if (value === '*') return () => 'anyone'
  const account = accountOf(value)
  if (account !== undefined) {
    return facts =>
      facts.type !== 'service' && facts.type !== 'anonymous' && facts.account === account
        ? facts.type === 'root'
          ? 'exact'
          : 'account'
        : undefined
  }
  return facts => {
    if (facts.type === 'service' || facts.type === 'anonymous') return undefined
    if (facts.arn === value || (facts.userId !== undefined && facts.userId === value)) return 'exact'
    if (facts.roleArn === value || (facts.roleId !== undefined && facts.roleId === value)) return 'role'
    return undefined
  }
}

function accountOf(value: string): string | undefined {
  if (/^\d{12}$/.test(value)) return value
  const arn = parseArn(value)
  return arn?.service === 'iam' && arn.resource === 'root' ? arn.account : undefined
}

/** `logs.us-east-1.amazonaws.com` is the same service as `logs.amazonaws.com`. */
function sameService(value: string, service: string | undefined): boolean {
  if (service === undefined) return false
  return (
    value === service || value.replace(/^([a-z0-9-]+)\.[a-z]{2}-[a-z-]+-\d\.(amazonaws\.com)$/, '$1.$2') === service
  )
}
