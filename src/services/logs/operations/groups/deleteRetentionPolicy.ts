// DeleteRetentionPolicy: events of the group never expire.

import type { Handler } from '../../../../operation/handler.ts'
import { findGroup, setRetention } from '../../groups.ts'

export const deleteRetentionPolicy: Handler<'logs', 'DeleteRetentionPolicy'> = async (call, input) => {
  const group = await findGroup(call.tx, call.scope, input.logGroupName)
  await setRetention(call.tx, group.id, undefined)
  return {}
}
