// DeleteAlarms: all of them or, when one is not there, none.

import type { Handler } from '../../../../operation/handler.ts'
import { lockAlarms, deleteAlarms as removeAlarms } from '../../alarms.ts'
import { emitConfiguration } from '../../announce.ts'
import { fail, invalid } from '../../errors.ts'
import { record } from '../../history.ts'

const MOST = 100

export const deleteAlarms: Handler<'cloudwatch', 'DeleteAlarms'> = async (call, { AlarmNames }) => {
  if (AlarmNames.length > MOST) invalid(`The collection AlarmNames must not have a size greater than ${MOST}.`)
  const rows = await lockAlarms(call.tx, call.scope, AlarmNames)
  const found = new Set(rows.map(row => row.name))
  const unknown = AlarmNames.filter(name => !found.has(name))
  if (unknown.length > 0) fail('ResourceNotFound', `Unknown alarms: ${unknown.join(', ')}`)
  await removeAlarms(call.tx, call.scope, AlarmNames)
  for (const row of rows) {
    await record(call, row.name, {
      type: 'ConfigurationUpdate',
      summary: `Alarm "${row.name}" deleted`,
      data: { type: 'Delete', deletedAlarm: row.definition },
    })
    await emitConfiguration(call, 'delete', row)
  }
  return {}
}
