// PutMetricAlarm: makes an alarm, or replaces its definition and leaves its state and tags as they are.

import type { Handler } from '../../../../operation/handler.ts'
import { readDefinition } from '../../alarmDefinition.ts'
import { type AlarmRow, lockAlarm, saveAlarm } from '../../alarms.ts'
import { emitConfiguration } from '../../announce.ts'
import { record } from '../../history.ts'
import { checkTags, tagMap } from '../../tags.ts'
import { scheduleEvaluation } from '../../tasks.ts'

export const putMetricAlarm: Handler<'cloudwatch', 'PutMetricAlarm'> = async (call, input) => {
  const { AlarmName: name, Tags, ...given } = input
  const definition = readDefinition(given)
  const before = await lockAlarm(call.tx, call.scope, name)
  const row: AlarmRow = {
    name,
    definition,
    tags: before?.tags ?? checkTags(tagMap(Tags)),
    state: before?.state ?? 'INSUFFICIENT_DATA',
    // AWS: verbatim.
    state_reason: before?.state_reason ?? 'Unchecked: Initial alarm creation',
    state_reason_data: before?.state_reason_data ?? null,
    state_updated_at: before?.state_updated_at ?? call.now,
    state_since: before?.state_since ?? call.now,
    configured_at: call.now,
  }
  await saveAlarm(call.tx, call.scope, row)
  const type = before ? 'Update' : 'Create'
  await record(call, name, {
    type: 'ConfigurationUpdate',
    summary: `Alarm "${name}" ${before ? 'updated' : 'created'}`,
    data: { type, ...(before ? { updatedAlarm: definition } : { createdAlarm: definition }) },
  })
  await emitConfiguration(call, before ? 'update' : 'create', row, before)
  await scheduleEvaluation(call, name)
  return {}
}
