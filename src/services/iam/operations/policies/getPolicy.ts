// GetPolicy: one managed policy, the account's or AWS's.

import type { Handler } from '../../../../operation/handler.ts'
import { UNUSED, usageOf } from '../../managed/attachments.ts'
import { fullPolicyShape, needPolicy } from '../../managed/policies.ts'

export const getPolicy: Handler<'iam', 'GetPolicy'> = async ({ tx, scope }, { PolicyArn }) => {
  const policy = await needPolicy(tx, scope.account, PolicyArn)
  const usage = await usageOf(tx, scope.account, [PolicyArn])
  return { Policy: fullPolicyShape(policy, usage.get(PolicyArn) ?? UNUSED) }
}
