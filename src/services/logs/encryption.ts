// Groups with a KMS key: a data key for each association, which this service opens as itself; batches that come afterwards are encrypted
// with it. What came before stays as it was, and what came under a key needs that key for ever.
// AWS: the key's policy lets `logs.REGION.amazonaws.com` in, with the context aws:logs:arn [encrypt-log-data-kms]; it keeps data keys in
// memory, so that a change of the key takes up to five minutes to be felt [AssociateKmsKey].

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Config } from '../../core/config.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call } from '../../operation/call.ts'
import type { Tx } from '../../store/tx.ts'
import { groupArn } from './arns.ts'
import type { ChunkRow, EncodedChunk } from './chunks.ts'
import { fail, invalid } from './errors.ts'
import type { GroupRow } from './groups.ts'

const KEPT_MS = 5 * 60_000
const NONCE = 12
const TAG = 16

/** Opened data keys of a process, by the house that they belong to. */
const opened = new WeakMap<Config, Map<number, { readonly key: Uint8Array; readonly until: number }>>()

/** From now on the group's batches are encrypted under this key; refuses a key that this service may not use for the group. */
export async function associateKey(call: Call, group: Pick<GroupRow, 'id' | 'name'>, kmsKeyId: string): Promise<void> {
  // AWS: an id without the ARN "could not be found" [aws-samples/hub-and-spoke-with-inspection-vpc-terraform pull request 2].
  if (!kmsKeyId.startsWith('arn:')) invalid(`The specified KMS Key Id could not be found. '${group.name}'`)
  const arn = groupArn(call.scope, group.name)
  const input = { KeyId: kmsKeyId, EncryptionContext: contextOf(arn), KeySpec: 'AES_256' } as const
  const made = await asLogs(arn, () => call.asService.invoke('kms', 'GenerateDataKey', input))
  const row = await call.tx.one<{ id: number }>`
    insert into logs.data_keys (group_id, arn, encrypted)
    values (${group.id}, ${arn}, ${Buffer.from(made.CiphertextBlob!)}) returning id`
  // Who may not decrypt would lose what is written.
  await dataKey(call, row!.id)
  await call.tx.run`update logs.groups set kms_key_id = ${kmsKeyId}, data_key = ${row!.id} where id = ${group.id}`
}

export const dissociateKey = (tx: Tx, groupId: number) =>
  tx.run`update logs.groups set kms_key_id = null, data_key = null where id = ${groupId}`

export const deleteDataKeys = (tx: Tx, groupId: number) =>
  tx.run`delete from logs.data_keys where group_id = ${groupId}`

/** The chunk as a group with this data key keeps it. */
export async function encryptChunk(call: Call, id: number, chunk: EncodedChunk): Promise<EncodedChunk> {
  const key = await dataKey(call, id)
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const data = Buffer.concat([nonce, cipher.update(chunk.data), cipher.final(), cipher.getAuthTag()])
  return { ...chunk, data, dataKey: id }
}

/** The data of a chunk that is encrypted. */
export async function decryptChunk(
  call: Call,
  { data, data_key }: Pick<ChunkRow, 'data' | 'data_key'>,
): Promise<Buffer> {
  const key = await dataKey(call, data_key!)
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE)).setAuthTag(data.subarray(-TAG))
  return Buffer.concat([decipher.update(data.subarray(NONCE, -TAG)), decipher.final()])
}

/** Refuses a group whose key this service can not use any more: what is written into it would be refused, batch by batch. */
export async function checkKey(call: Call, { data_key }: Pick<GroupRow, 'data_key'>): Promise<void> {
  if (data_key !== null) await dataKey(call, data_key)
}

async function dataKey(call: Call, id: number): Promise<Uint8Array> {
  const known = opened.get(call.config) ?? new Map()
  opened.set(call.config, known)
  const now = call.now.getTime()
  const kept = known.get(id)
  if (kept && kept.until > now) return kept.key
  known.delete(id)
  const row = await call.tx.one<{ arn: string; encrypted: Buffer }>`
    select arn, encrypted from logs.data_keys where id = ${id}`
  if (!row) throw new Error(`data key ${id} is gone`)
  const input = { CiphertextBlob: row.encrypted, EncryptionContext: contextOf(row.arn) }
  const { Plaintext } = await asLogs(row.arn, () => call.asService.invoke('kms', 'Decrypt', input))
  known.set(id, { key: Plaintext!, until: now + KEPT_MS })
  return Plaintext!
}

const contextOf = (arn: string) => ({ 'aws:logs:arn': arn })

async function asLogs<T>(arn: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
    // AWS: "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:...'"
    // [hashicorp/terraform-provider-aws issue 29282].
    if (error.code === 'AccessDeniedException' || error.code === 'NotFoundException')
      return fail(
        'AccessDeniedException',
        `The specified KMS key does not exist or is not allowed to be used with Arn '${arn}'`,
      )
    return invalid(`The KMS key can not be used with Arn '${arn}': ${error.message}`)
  }
}
