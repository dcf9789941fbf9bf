// An alarm becomes another state, by evaluation or by SetAlarmState: saved, remembered, announced, and its actions started.

import type { Call } from '../../operation/call.ts'
import { actionsFor } from './alarmDefinition.ts'
import { alarmMessage, alarmSubject } from './alarmMessage.ts'
import { type AlarmRow, saveAlarm } from './alarms.ts'
import { emitState } from './announce.ts'
import type { AlarmState } from './evaluateAlarm.ts'
import { record } from './history.ts'

export interface NewState {
  readonly state: AlarmState
  readonly reason: string
  readonly reasonData: string | null
}

/** `row` must be locked. Without a change of the state only its reason is written. */
export async function enterState(
  call: Call,
  row: AlarmRow,
  { state, reason, reasonData }: NewState,
): Promise<AlarmRow> {
  const changed = state !== row.state
  const after: AlarmRow = {
    ...row,
    state,
    state_reason: reason,
    state_reason_data: reasonData,
    state_updated_at: call.now,
    state_since: changed ? call.now : row.state_since,
  }
  await saveAlarm(call.tx, call.scope, after)
  if (!changed) return after
  await record(call, row.name, {
    type: 'StateUpdate',
    summary: `Alarm updated from ${row.state} to ${state}`,
    data: { oldState: historyState(row), newState: historyState(after) },
  })
  await emitState(call, row, after)
  if (row.definition.ActionsEnabled === false) return after
  const subject = alarmSubject(call.scope, after)
  const message = alarmMessage(call.scope, row, after)
  for (const action of new Set(actionsFor(row.definition, state)))
    await call.addJob('act', { alarm: row.name, action, subject, message, state })
  return after
}

const historyState = (row: AlarmRow) => ({
  stateValue: row.state,
  stateReason: row.state_reason,
  ...(row.state_reason_data !== null && { stateReasonData: JSON.parse(row.state_reason_data) }),
})
