// Rotation by the year, and on demand.

import type { Handler } from '../../../../operation/handler.ts'
import { disabled, fail, invalidState } from '../../errors.ts'
import { type KeyRow, listMaterials, requireKey, saveKey } from '../../keys.ts'
import { paged, readMarker } from '../../paging.ts'
import { keyArn } from '../../references.ts'
import { after, checkRotatable, DEFAULT_ROTATION_DAYS, rotate } from '../../rotation.ts'
import { scheduleRotation } from '../../tasks.ts'
import { checkState } from '../../usable.ts'

/** AWS: 25 rotations on demand a key [rotating-keys-on-demand]. */
const MOST_ON_DEMAND = 25

export const enableKeyRotation: Handler<'kms', 'EnableKeyRotation'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkRotatable(key)
  checkChangeable(key)
  const rotation_days = input.RotationPeriodInDays ?? key.rotation_days ?? DEFAULT_ROTATION_DAYS
  const rotates_at = after(call.now, rotation_days)
  await saveKey(call.tx, { ...key, rotation_days, rotates_at })
  await scheduleRotation(call, key.key_id, rotates_at)
  return {}
}

export const disableKeyRotation: Handler<'kms', 'DisableKeyRotation'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkRotatable(key)
  checkChangeable(key)
  await saveKey(call.tx, { ...key, rotation_days: null, rotates_at: null })
  return {}
}

export const getKeyRotationStatus: Handler<'kms', 'GetKeyRotationStatus'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId)
  checkRotatable(key)
  const on = key.rotation_days !== null && key.state !== 'PendingDeletion'
  return {
    KeyId: keyArn(key),
    KeyRotationEnabled: on,
    ...(on && { RotationPeriodInDays: key.rotation_days!, NextRotationDate: key.rotates_at! }),
  }
}

export const rotateKeyOnDemand: Handler<'kms', 'RotateKeyOnDemand'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkRotatable(key)
  checkState(key)
  const { count } = (await call.tx.one<{ count: number }>`
    select count(*) as count from kms.materials where key_id = ${key.key_id} and rotation = 'ON_DEMAND'`)!
  if (count >= MOST_ON_DEMAND)
    // AWS: as recorded on AWS [localstack, test_kms.snapshot.json].
    fail(
      'LimitExceededException',
      `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${keyArn(key)}`,
    )
  await rotate(call, key, 'ON_DEMAND')
  return { KeyId: keyArn(key) }
}

export const listKeyRotations: Handler<'kms', 'ListKeyRotations'> = async (call, input) => {
  const { Limit = 100, Marker } = input
  const key = await requireKey(call, input.KeyId)
  checkRotatable(key)
  const [last = 0] = readMarker(Marker, 1) ?? []
  const all = await listMaterials(call.tx, key.key_id, Number(last), Limit + 2)
  const rows = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL' ? all : all.filter(({ rotation }) => rotation !== null)
  const { items, marks } = paged(rows.slice(0, Limit + 1), Limit, ({ number }) => [number])
  return {
    Rotations: items.map(row => ({
      KeyId: keyArn(key),
      KeyMaterialId: row.material_id,
      KeyMaterialState: row.material_id === key.material_id ? 'CURRENT' : 'NON_CURRENT',
      ...(row.rotation && { RotationDate: row.created_at, RotationType: row.rotation }),
    })),
    ...marks,
  }
}

function checkChangeable(key: KeyRow): void {
  if (key.state === 'Disabled') disabled(keyArn(key))
  if (key.state !== 'Enabled') invalidState(keyArn(key), 'pending deletion')
}
