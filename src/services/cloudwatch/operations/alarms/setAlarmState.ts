// SetAlarmState: for trying out what an alarm sets off; the next evaluation puts it right again.

import type { Handler } from '../../../../operation/handler.ts'
import { lockAlarm } from '../../alarms.ts'
import { fail } from '../../errors.ts'
import { enterState } from '../../transition.ts'

export const setAlarmState: Handler<'cloudwatch', 'SetAlarmState'> = async (call, input) => {
  const { StateReasonData = null } = input
  if (StateReasonData !== null) checkJson(StateReasonData)
  const row = await lockAlarm(call.tx, call.scope, input.AlarmName)
  if (!row) return fail('ResourceNotFound', `Unknown alarm: ${input.AlarmName}`)
  await enterState(call, row, { state: input.StateValue, reason: input.StateReason, reasonData: StateReasonData })
  return {}
}

function checkJson(text: string) {
  try {
    JSON.parse(text)
  } catch {
    fail('InvalidFormatFault', 'The parameter StateReasonData is not valid JSON.')
  }
}
