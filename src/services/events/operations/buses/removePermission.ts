// RemovePermission: takes one statement of a bus's policy away, or all of them.

import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { requireBus, saveBus } from '../../buses.ts'
import { fail } from '../../errors.ts'
import { readPolicy } from '../../policy.ts'

export const removePermission: Handler<'events', 'RemovePermission'> = async (call, input) => {
  const bus = await requireBus(call.tx, call.scope, busName(input.EventBusName))
  if (input.RemoveAllPermissions) {
    await saveBus(call.tx, call.scope, { ...bus, policy: null }, call.now)
    return {}
  }
  if (bus.policy === null) return fail('ResourceNotFoundException', 'EventBus does not have a policy.')
  const { Statement, ...rest } = readPolicy(bus.policy)
  const left = Statement.filter(one => one.Sid !== input.StatementId)
  if (left.length === Statement.length)
    fail('ResourceNotFoundException', 'Statement with the provided id does not exist.')
  const policy = left.length === 0 ? null : JSON.stringify({ ...rest, Statement: left })
  await saveBus(call.tx, call.scope, { ...bus, policy }, call.now)
  return {}
}
