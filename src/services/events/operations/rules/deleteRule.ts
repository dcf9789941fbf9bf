// DeleteRule: takes away a rule that has no targets.

import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { invalid } from '../../errors.ts'
import { changeRuleVersion, deleteRule as removeRule } from '../../rules.ts'
import { listTargets } from '../../targets.ts'

export const deleteRule: Handler<'events', 'DeleteRule'> = async (call, input) => {
  const bus = busName(input.EventBusName)
  const [target] = await listTargets(call.tx, call.scope, { bus, rule: input.Name }, '', 1)
  if (target) invalid("Rule can't be deleted since it has targets.")
  // AWS: deleting a rule that is not there succeeds.
  if (await removeRule(call.tx, call.scope, bus, input.Name))
    await changeRuleVersion(call.tx, call.scope, bus, call.ids.uuid())
  return {}
}
