// The end of a key: a waiting period in which it can not be used and can be saved.

import type { Handler } from '../../../../operation/handler.ts'
import { invalid, invalidState } from '../../errors.ts'
import { requireKey, saveKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'
import { after } from '../../rotation.ts'
import { scheduleDeletion } from '../../tasks.ts'

export const scheduleKeyDeletion: Handler<'kms', 'ScheduleKeyDeletion'> = async (call, input) => {
  const days = input.PendingWindowInDays ?? 30
  // AWS: 7 to 30 days [ScheduleKeyDeletion]; the model's own limits are wider, and the sentence is ours.
  if (days < 7 || days > 30) invalid(`The pending window must be between 7 and 30 days (inclusive). Received: ${days}`)
  const key = await requireKey(call, input.KeyId, { lock: true })
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
  const deletes_at = after(call.now, days)
  await saveKey(call.tx, { ...key, state: 'PendingDeletion', deletes_at })
  await scheduleDeletion(call, key.key_id, deletes_at)
  return { KeyId: keyArn(key), DeletionDate: deletes_at, KeyState: 'PendingDeletion', PendingWindowInDays: days }
}

/** AWS: a saved key is disabled. */
export const cancelKeyDeletion: Handler<'kms', 'CancelKeyDeletion'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  if (key.state !== 'PendingDeletion') invalidState(keyArn(key), 'not pending deletion')
  const hasMaterial =
    key.origin === 'AWS_KMS' ||
    (await call.tx.one`
    select from kms.materials where key_id = ${key.key_id} and sealed is not null limit 1`) !== undefined
  await saveKey(call.tx, { ...key, state: hasMaterial ? 'Disabled' : 'PendingImport', deletes_at: null })
  return { KeyId: keyArn(key) }
}
