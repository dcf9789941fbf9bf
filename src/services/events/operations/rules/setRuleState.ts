// EnableRule and DisableRule: whether a rule matches events, or fires.

import type { RuleState } from '@aws-sdk/client-eventbridge'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { changeRuleVersion, lockRule, putRule } from '../../rules.ts'
import { scheduleNext } from '../../schedules.ts'

export const enableRule: Handler<'events', 'EnableRule'> = (call, input) => setState(call, input, 'ENABLED')
export const disableRule: Handler<'events', 'DisableRule'> = (call, input) => setState(call, input, 'DISABLED')

async function setState(call: Call, input: { Name: string; EventBusName?: string | undefined }, state: RuleState) {
  const bus = busName(input.EventBusName)
  const before = await lockRule(call.tx, call.scope, bus, input.Name)
  const rule = { ...before, state }
  await putRule(call.tx, call.scope, rule)
  await changeRuleVersion(call.tx, call.scope, bus, call.ids.uuid())
  if (before.state !== state) await scheduleNext(call, rule, call.now)
  return {}
}
