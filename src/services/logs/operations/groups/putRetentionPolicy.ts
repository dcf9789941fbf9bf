// PutRetentionPolicy: how many days events are kept; a job that comes back every hour carries it out.

import type { Handler } from '../../../../operation/handler.ts'
import { invalid } from '../../errors.ts'
import { findGroup, setRetention } from '../../groups.ts'

// AWS: the possible values (PutRetentionPolicy, API reference).
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

export const putRetentionPolicy: Handler<'logs', 'PutRetentionPolicy'> = async (call, input) => {
  if (!DAYS.includes(input.retentionInDays))
    invalid(
      `1 validation error detected: Value '${input.retentionInDays}' at 'retentionInDays' failed to satisfy constraint: ` +
        `Member must satisfy enum value set: [${DAYS.join(', ')}]`,
    )
  const group = await findGroup(call.tx, call.scope, input.logGroupName)
  await setRetention(call.tx, group.id, input.retentionInDays)
  await call.addJob('expire', {}, { jobKey: `logs.expire/${call.scope.account}/${call.scope.region}` })
  return {}
}
