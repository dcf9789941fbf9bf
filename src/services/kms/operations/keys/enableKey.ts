// Switching a key on and off, and its description.

import type { Handler } from '../../../../operation/handler.ts'
import { invalidState } from '../../errors.ts'
import { type KeyRow, requireKey, saveKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'

export const enableKey: Handler<'kms', 'EnableKey'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkSettable(key)
  await saveKey(call.tx, { ...key, state: 'Enabled' })
  return {}
}

export const disableKey: Handler<'kms', 'DisableKey'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkSettable(key)
  await saveKey(call.tx, { ...key, state: 'Disabled' })
  return {}
}

export const updateKeyDescription: Handler<'kms', 'UpdateKeyDescription'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
  await saveKey(call.tx, { ...key, description: input.Description })
  return {}
}

function checkSettable(key: KeyRow): void {
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
  if (key.state === 'PendingImport') invalidState(keyArn(key), 'pending import')
}
