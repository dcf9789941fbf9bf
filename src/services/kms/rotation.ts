// Rotation: a new material becomes current, the old ones stay for what they encrypted.

import type { Call } from '../../operation/call.ts'
import { sql } from '../../store/sql.ts'
import { fail } from './errors.ts'
import { factsOf } from './keySpecs.ts'
import { addMaterial, deleteKey, findKey, forgetMaterial, type KeyRow, type MaterialRow, saveKey } from './keys.ts'
import { makeMaterial } from './material.ts'
import { keyArn } from './references.ts'
import { announce, type KeyTask, scheduleRotation, taskOf } from './tasks.ts'

const DAY = 86_400_000
export const DEFAULT_ROTATION_DAYS = 365

/** Rotation is for symmetric keys whose material KMS made. */
export function checkRotatable(key: KeyRow): void {
  if (key.spec === 'SYMMETRIC_DEFAULT' && key.origin === 'AWS_KMS') return
  // AWS: of imported material as recorded on AWS, of other keys without a message [localstack, test_kms.snapshot.json].
  const why = `${keyArn(key)} origin is ${key.origin} which is not valid for this operation.`
  fail('UnsupportedOperationException', key.spec === 'SYMMETRIC_DEFAULT' ? why : '')
}

export async function rotate(call: Call, key: KeyRow, how: NonNullable<MaterialRow['rotation']>): Promise<void> {
  const { secret } = await makeMaterial(factsOf('SYMMETRIC_DEFAULT').material)
  const material_id = await addMaterial(call, key, secret, how)
  await saveKey(call.tx, { ...key, material_id })
  await announce(call, 'KMS CMK Rotation', key)
}

export const after = (from: Date, days: number) => new Date(from.getTime() + days * DAY)

const locked = (call: Call, keyId: string) =>
  findKey(call.tx, call.scope, { account: call.scope.account, by: 'id', value: keyId }, sql`for update of k`)

const rotateKey: KeyTask = async (call, keyId) => {
  const key = await locked(call, keyId)
  if (!key?.rotation_days || !key.rotates_at || key.rotates_at > call.now) return
  const next = after(key.rotates_at, key.rotation_days)
  const row = { ...key, rotates_at: next > call.now ? next : after(call.now, key.rotation_days) }
  await scheduleRotation(call, keyId, row.rotates_at)
  // AWS: a disabled key does not rotate, nor one that waits for its deletion [rotate-keys].
  if (key.state === 'Enabled') await rotate(call, row, 'AUTOMATIC')
  else await saveKey(call.tx, row)
}

const deleteTask: KeyTask = async (call, keyId) => {
  const key = await locked(call, keyId)
  if (key?.state !== 'PendingDeletion' || !key.deletes_at || key.deletes_at > call.now) return
  await deleteKey(call.tx, keyId)
  await announce(call, 'KMS CMK Deletion', key)
}

const expireMaterial: KeyTask = async (call, keyId) => {
  const key = await locked(call, keyId)
  if (!key?.material_id || !key.expires_at || key.expires_at > call.now) return
  await forgetMaterial(call.tx, keyId, key.material_id)
  const state = key.state === 'PendingDeletion' ? key.state : 'PendingImport'
  await saveKey(call.tx, { ...key, expires_at: null, state })
  await announce(call, 'KMS Imported Key Material Expiration', key)
}

export const tasks = {
  rotateKey: taskOf(rotateKey),
  deleteKey: taskOf(deleteTask),
  expireMaterial: taskOf(expireMaterial),
}
