// Names and ARNs of buses and rules.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'

export const DEFAULT_BUS = 'default'

export const busArn = (scope: Scope, name: string) => formatArn('events', scope, `event-bus/${name}`)

export const ruleArn = (scope: Scope, bus: string, name: string) =>
  formatArn('events', scope, bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`)

/** The bus in an `EventBusName`, which may be a name, an ARN or nothing. */
export function busName(nameOrArn: string | undefined): string {
  if (nameOrArn === undefined) return DEFAULT_BUS
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn
}

export type Resource =
  | { readonly kind: 'bus'; readonly bus: string }
  | { readonly kind: 'rule'; readonly bus: string; readonly rule: string }

/** What an ARN of this service names; undefined when it is neither bus nor rule. */
export function readResource(arn: string): Resource | undefined {
  const parsed = parseArn(arn)
  if (parsed?.service !== 'events') return undefined
  const [kind, first, second, ...more] = parsed.resource.split('/')
  if (!first || more.length > 0) return undefined
  if (kind === 'event-bus' && second === undefined) return { kind: 'bus', bus: first }
  if (kind !== 'rule') return undefined
  return second === undefined
    ? { kind: 'rule', bus: DEFAULT_BUS, rule: first }
    : { kind: 'rule', bus: first, rule: second }
}
