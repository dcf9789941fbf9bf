// RemoveTargets: a rule no longer leads there.

import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { lockRule } from '../../rules.ts'
import { deleteTargets } from '../../targets.ts'

export const removeTargets: Handler<'events', 'RemoveTargets'> = async (call, input) => {
  const key = { bus: busName(input.EventBusName), rule: input.Rule }
  await lockRule(call.tx, call.scope, key.bus, key.rule)
  await deleteTargets(call.tx, call.scope, key, input.Ids)
  return { FailedEntryCount: 0, FailedEntries: [] }
}
