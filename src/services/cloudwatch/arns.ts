// ARNs of alarms and dashboards.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'

export const alarmArn = (scope: Scope, name: string) => formatArn('cloudwatch', scope, `alarm:${name}`)
/** Dashboards belong to the account, not to a region. */
export const dashboardArn = ({ account }: Pick<Scope, 'account'>, name: string) =>
  formatArn('cloudwatch', { account, region: '' }, `dashboard/${name}`)

export type Taggable =
  | { readonly kind: 'alarm'; readonly name: string }
  | { readonly kind: 'dashboard'; readonly name: string }

/** What an ARN of this service names; undefined for anything that has no tags here. */
export function readTaggable(arn: string): Taggable | undefined {
  const parsed = parseArn(arn)
  if (parsed?.service !== 'cloudwatch') return undefined
  const [, kind, name] = /^(alarm:|dashboard\/)(.+)$/s.exec(parsed.resource) ?? []
  if (!name) return undefined
  return { kind: kind === 'alarm:' ? 'alarm' : 'dashboard', name }
}
