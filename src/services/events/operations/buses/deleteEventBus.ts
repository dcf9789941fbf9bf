// DeleteEventBus: takes away a bus that has no rules.

import type { Handler } from '../../../../operation/handler.ts'
import { busName, DEFAULT_BUS } from '../../arns.ts'
import { deleteBus } from '../../buses.ts'
import { invalid } from '../../errors.ts'
import { listRules } from '../../rules.ts'

export const deleteEventBus: Handler<'events', 'DeleteEventBus'> = async (call, input) => {
  const name = busName(input.Name)
  if (name === DEFAULT_BUS) invalid(`Cannot delete event bus ${DEFAULT_BUS}.`)
  const [rule] = await listRules(call.tx, call.scope, name, { after: '', limit: 1 })
  if (rule) invalid("Event bus can't be deleted since it has rules.")
  // AWS: deleting a bus that is not there succeeds.
  await deleteBus(call.tx, call.scope, name)
  return {}
}
