// DeleteResourcePolicy: takes a resource policy of the account away.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deletePolicy } from '../../policies.ts'

export const deleteResourcePolicy: Handler<'logs', 'DeleteResourcePolicy'> = async (call, input) => {
  const { policyName = '' } = input
  if ((await deletePolicy(call.tx, call.scope, policyName)) === 0)
    fail('ResourceNotFoundException', `Policy with name [${policyName}] does not exist`)
  return {}
}
