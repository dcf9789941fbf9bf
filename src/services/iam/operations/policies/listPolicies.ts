// ListPolicies: the account's own and AWS's, by ARN.

import type { Handler } from '../../../../operation/handler.ts'
import { UNUSED, usageOf } from '../../managed/attachments.ts'
import { awsManagedPolicies } from '../../managed/awsManaged.ts'
import type { ManagedPolicy } from '../../managed/managedPolicy.ts'
import { ownPolicies, policyShape } from '../../managed/policies.ts'
import { after, limitOf, listed } from '../../pages.ts'

const STEP = 1000

export const listPolicies: Handler<'iam', 'ListPolicies'> = async ({ tx, scope }, input) => {
  const { Scope: kind = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter } = input
  const wanted = limitOf(input) + 1
  const found: { policy: ManagedPolicy; usage: typeof UNUSED }[] = []

  const take = async (policies: readonly ManagedPolicy[]) => {
    const usage = await usageOf(
      tx,
      scope.account,
      policies.map(policy => policy.arn),
    )
    for (const policy of policies) {
      const used = usage.get(policy.arn) ?? UNUSED
      if (OnlyAttached && used.attached === 0) continue
      if (PolicyUsageFilter === 'PermissionsBoundary' && used.boundaries === 0) continue
      if (PolicyUsageFilter === 'PermissionsPolicy' && used.attached === 0) continue
      if (policy.path.startsWith(PathPrefix)) found.push({ policy, usage: used })
    }
  }

  let from = after(input)
  while (kind !== 'AWS' && found.length < wanted && from < 'arn:aws:iam::aws') {
    const rows = await ownPolicies(tx, scope.account, from, STEP)
    await take(rows)
    if (rows.length < STEP) break
    from = rows.at(-1)!.arn
  }
  if (kind !== 'Local' && found.length < wanted) {
    await take([...awsManagedPolicies().values()].filter(policy => policy.arn > after(input)))
  }
  const { items, rest } = listed(found.slice(0, wanted), input, ({ policy }) => policy.arn)
  return { Policies: items.map(({ policy, usage }) => policyShape(policy, usage)), ...rest }
}
