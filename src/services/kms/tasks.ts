// What happens later: the end of a waiting period, the next rotation, the expiry of imported material.

import type { Scope } from '../../core/scope.ts'
import type { Call } from '../../operation/call.ts'
import type { Task } from '../../operation/service.ts'

import { keyArn } from './references.ts'

interface OfKey {
  readonly keyId: string
}

const later = (task: string) => (call: Call, keyId: string, runAt: Date) =>
  call.addJob(task, { keyId } satisfies OfKey, { runAt, jobKey: `kms.${task}/${keyId}` })

export const scheduleDeletion = later('deleteKey')
export const scheduleRotation = later('rotateKey')
export const scheduleExpiry = later('expireMaterial')

/** AWS: "KMS CMK Deletion", "KMS CMK Rotation" and "KMS Imported Key Material Expiration" [kms-events]. */
export const announce = (call: Call, detailType: string, key: Scope & { readonly key_id: string }) =>
  call.emit({ source: 'aws.kms', detailType, resources: [keyArn(key)], detail: { 'key-id': key.key_id } })

export type KeyTask = (call: Call, keyId: string) => Promise<void>

/** A task about one key, in one transaction. */
export const taskOf =
  (work: KeyTask): Task =>
  async (call, { keyId }: OfKey) => {
    await call.transaction(inner => work(inner, keyId))
  }
