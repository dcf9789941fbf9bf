// EnableAlarmActions and DisableAlarmActions. Names that are not there change nothing, as on AWS.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { lockAlarms, saveAlarm } from '../../alarms.ts'
import { emitConfiguration } from '../../announce.ts'
import { record } from '../../history.ts'

export const enableAlarmActions: Handler<'cloudwatch', 'EnableAlarmActions'> = (call, input) =>
  setActions(call, input.AlarmNames, true)

export const disableAlarmActions: Handler<'cloudwatch', 'DisableAlarmActions'> = (call, input) =>
  setActions(call, input.AlarmNames, false)

async function setActions(call: Call, names: readonly string[], enabled: boolean) {
  for (const row of await lockAlarms(call.tx, call.scope, names)) {
    if (row.definition.ActionsEnabled === enabled) continue
    const changed = { ...row, definition: { ...row.definition, ActionsEnabled: enabled }, configured_at: call.now }
    await saveAlarm(call.tx, call.scope, changed)
    await record(call, row.name, {
      type: 'ConfigurationUpdate',
      summary: `Alarm "${row.name}" updated`,
      data: { type: 'Update', updatedAlarm: changed.definition },
    })
    await emitConfiguration(call, 'update', changed, row)
  }
  return {}
}
