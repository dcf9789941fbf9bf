// Whose a named project, build or report is: names are the caller's own, ARNs say the account that shared it.

import { parseArn } from '../../../core/arn.ts'
import type { Scope } from '../../../core/scope.ts'

/** The scope in which `nameOrArn` is looked up. An ARN of another region stays one of another region: nothing is found there. */
export function ownerScope(scope: Scope, nameOrArn: string): Scope {
  const arn = parseArn(nameOrArn)
  if (arn?.service !== 'codebuild' || !/^\d{12}$/.test(arn.account) || !arn.region) return scope
  if (arn.region !== scope.region) return { account: '', region: arn.region }
  return arn.account === scope.account ? scope : { account: arn.account, region: scope.region }
}

/** `given` by owner, so that each owner is asked once; the order within an owner is kept. */
export function byOwner(scope: Scope, given: readonly string[]): { scope: Scope; items: string[] }[] {
  const groups = new Map<string, { scope: Scope; items: string[] }>()
  for (const item of given) {
    const owner = ownerScope(scope, item)
    const key = `${owner.account} ${owner.region}`
    const group = groups.get(key) ?? { scope: owner, items: [] }
    group.items.push(item)
    groups.set(key, group)
  }
  return [...groups.values()]
}
