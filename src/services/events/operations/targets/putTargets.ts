// PutTargets: what a rule leads to. All of the call's targets are put, or none.

import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { readDestination } from '../../destination.ts'
import { fail, invalid } from '../../errors.ts'
import { lockRule } from '../../rules.ts'
import { listTargets, putTarget } from '../../targets.ts'

// AWS: "Five targets per rule" (EventBridge quotas).
const MOST_TARGETS = 5

export const putTargets: Handler<'events', 'PutTargets'> = async (call, input) => {
  const key = { bus: busName(input.EventBusName), rule: input.Rule }
  await lockRule(call.tx, call.scope, key.bus, key.rule)
  for (const target of input.Targets) {
    // DEVIATES: AWS accepts more kinds of targets; a ValidationException names what cannot be delivered to.
    const read = readDestination(target, call.scope)
    if ('problem' in read) invalid(read.problem)
  }
  const present = await listTargets(call.tx, call.scope, key)
  const ids = new Set([...present, ...input.Targets].map(target => target.Id))
  if (ids.size > MOST_TARGETS)
    fail('LimitExceededException', 'The requested resource exceeds the maximum number allowed.')
  for (const target of input.Targets) await putTarget(call.tx, call.scope, key, target)
  return { FailedEntryCount: 0, FailedEntries: [] }
}
