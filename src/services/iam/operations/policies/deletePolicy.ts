// DeletePolicy: only one that nobody uses and that has no other version left.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { usageOf } from '../../managed/attachments.ts'
import { deletePolicyRow, needOwnPolicy, versionsOf } from '../../managed/policies.ts'

export const deletePolicy: Handler<'iam', 'DeletePolicy'> = async ({ tx, scope }, { PolicyArn }) => {
  await needOwnPolicy(tx, scope.account, PolicyArn)
  const usage = (await usageOf(tx, scope.account, [PolicyArn])).get(PolicyArn)
  if (usage) fail('DeleteConflictException', 'Cannot delete a policy attached to entities.')
  if ((await versionsOf(tx, PolicyArn)).length > 1) {
    fail(
      'DeleteConflictException',
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    )
  }
  await deletePolicyRow(tx, PolicyArn)
  return {}
}
