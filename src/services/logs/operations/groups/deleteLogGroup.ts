// DeleteLogGroup: the group is gone at once; its streams and events follow in bounded batches.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deleteGroup, findGroup } from '../../groups.ts'

export const deleteLogGroup: Handler<'logs', 'DeleteLogGroup'> = async (call, input) => {
  const group = await findGroup(call.tx, call.scope, input.logGroupName)
  if (group.deletion_protected)
    fail('ValidationException', `Log group ${group.name} has deletion protection enabled. Disable it and try again.`)
  await deleteGroup(call.tx, group.id)
  await call.addJob('purgeGroup', { groupId: group.id })
  return {}
}
