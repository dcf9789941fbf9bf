// Values of secrets under KMS: each version has a data key of its own, which the caller's permissions on the KMS key make and open.
// AWS: context SecretARN and SecretVersionId, on behalf of the caller; a changed key is added for AWSCURRENT, AWSPENDING and AWSPREVIOUS,
// and either key opens the version then [security-encryption].

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { formatArn } from '../../core/arn.ts'
import { loadMasterKey } from '../../core/masterKey.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call, CallContext } from '../../operation/call.ts'
import { fail, invalidRequest } from './errors.ts'
import { type SecretRow, secretArn } from './secrets.ts'
import { CURRENT, PREVIOUS } from './stages.ts'

const DEFAULT_KEY = 'alias/aws/secretsmanager'
/** How ListSecretVersionIds calls the AWS-managed key [its reference]. */
export const MANAGED = 'DefaultEncryptionKey'
const RE_ENCRYPTED = [CURRENT, 'AWSPENDING', PREVIOUS]
const NONCE = 12
const TAG = 16

export interface DataKey {
  /** ARN of the KMS key, or MANAGED. */
  readonly key: string
  /** The data key under it, base64. */
  readonly blob: string
}

export interface Sealed {
  /** Encrypted. */
  value: string
  /** What opens the value; null when the master key does. */
  data_keys: DataKey[] | null
}

/** What a version's row has of its value. */
export interface SealedVersion extends Sealed {
  version_id: string
  stages: string[]
}

/** What a secret keeps of the key that a request names: null for the AWS-managed one. */
export const namedKey = (id: string | undefined): string | null =>
  !id || /^(arn:aws:kms:[\w-]+:\d{12}:)?alias\/aws\/secretsmanager$/.test(id) ? null : id

/** What the key is for KMS: a name without an account is of the secret's. */
function keyOf(call: CallContext, secret: SecretRow): string {
  if (secret.kms_key_id?.startsWith('arn:')) return secret.kms_key_id
  if (secret.kms_key_id === null && secret.account !== call.principal.account) otherAccount()
  const id = secret.kms_key_id ?? DEFAULT_KEY
  return formatArn('kms', secret, id.startsWith('alias/') ? id : `key/${id}`)
}

const shownKey = (secret: SecretRow, arn: string) => (secret.kms_key_id === null ? MANAGED : arn)

const otherAccount = () =>
  invalidRequest(
    "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.",
  )

const contextOf = (secret: SecretRow, version: string) => ({ SecretARN: secretArn(secret), SecretVersionId: version })

/** Refuses a key that the caller may not use for this secret. AWS: by GenerateDataKey and Decrypt, whose results are thrown away. */
export async function checkKeyAccess(call: Call, secret: SecretRow): Promise<void> {
  const EncryptionContext = contextOf(secret, 'RequestToValidateKeyAccess')
  const { blob } = await makeDataKey(call, keyOf(call, secret), EncryptionContext)
  await kms('EncryptionFailure', () => call.invoke('kms', 'Decrypt', { CiphertextBlob: blob, EncryptionContext }))
}

export async function sealValue(call: Call, secret: SecretRow, version: string, bytes: Uint8Array): Promise<Sealed> {
  const made = await makeDataKey(call, keyOf(call, secret), contextOf(secret, version))
  return {
    value: encrypt(made.plain, purpose(secret, version), bytes),
    data_keys: [{ key: shownKey(secret, made.key), blob: base64(made.blob) }],
  }
}

export async function openValue(call: CallContext, secret: SecretRow, row: SealedVersion): Promise<Buffer> {
  if (secret.kms_key_id === null && secret.account !== call.principal.account) otherAccount()
  const where = purpose(secret, row.version_id)
  if (row.data_keys === null) {
    const plain = loadMasterKey(call.config.dataDir).open(where, row.value)
    return plain ?? fail('DecryptionFailure', 'The secret was encrypted with another master key')
  }
  const dataKey = await openDataKey(call, secret, row, row.data_keys)
  return decrypt(dataKey, where, row.value) ?? fail('DecryptionFailure', 'The stored value of the secret was changed')
}

/** Any of its keys opens a version; the caller hears about the newest. */
async function openDataKey(call: CallContext, secret: SecretRow, row: SealedVersion, copies: readonly DataKey[]) {
  const EncryptionContext = contextOf(secret, row.version_id)
  let refusal: unknown
  for (const { blob } of copies) {
    try {
      const input = { CiphertextBlob: Buffer.from(blob, 'base64'), EncryptionContext }
      const { Plaintext } = await kms('DecryptionFailure', () => call.invoke('kms', 'Decrypt', input))
      return Buffer.from(Plaintext!)
    } catch (error) {
      if (!isServiceError(error)) throw error
      refusal ??= error
    }
  }
  throw refusal
}

/** Gives the labelled versions a copy of their data key under the secret's new key, as far as the caller may. */
export async function reEncrypt(call: Call, secret: SecretRow, versions: readonly SealedVersion[]): Promise<void> {
  for (const row of versions.filter(({ stages }) => stages.some(stage => RE_ENCRYPTED.includes(stage)))) {
    try {
      const { value, data_keys } = await underNewKey(call, secret, row)
      await call.tx.run`
        update secretsmanager.versions set value = ${value}, data_keys = ${JSON.stringify(data_keys)}
        where account = ${secret.account} and region = ${secret.region} and name = ${secret.name}
          and version_id = ${row.version_id}`
    } catch (error) {
      // AWS: without kms:Encrypt on the new key the versions stay as they are [UpdateSecret].
      if (!isServiceError(error) || error.code !== 'AccessDeniedException') throw error
    }
  }
}

async function underNewKey(call: Call, secret: SecretRow, row: SealedVersion): Promise<Sealed> {
  if (row.data_keys === null) return sealValue(call, secret, row.version_id, await openValue(call, secret, row))
  const Plaintext = await openDataKey(call, secret, row, row.data_keys)
  const input = { KeyId: keyOf(call, secret), Plaintext, EncryptionContext: contextOf(secret, row.version_id) }
  const made = await kms('EncryptionFailure', () => call.invoke('kms', 'Encrypt', input))
  const copy = { key: shownKey(secret, made.KeyId!), blob: base64(made.CiphertextBlob!) }
  return { value: row.value, data_keys: [copy, ...row.data_keys.filter(({ key }) => key !== copy.key)] }
}

async function makeDataKey(call: Call, KeyId: string, EncryptionContext: Record<string, string>) {
  const input = { KeyId, EncryptionContext, KeySpec: 'AES_256' } as const
  const made = await kms('EncryptionFailure', () => call.invoke('kms', 'GenerateDataKey', input))
  return { key: made.KeyId!, plain: made.Plaintext!, blob: made.CiphertextBlob! }
}

/** Asks KMS; its refusals as Secrets Manager says them. */
async function kms<T>(failure: 'EncryptionFailure' | 'DecryptionFailure', ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
    // AWS: "AccessDeniedException: Access to KMS is not allowed" [external-secrets/external-secrets issue 390], without the missing action.
    if (error.code === 'AccessDeniedException') return fail('AccessDeniedException', 'Access to KMS is not allowed')
    const verb = failure === 'EncryptionFailure' ? 'encrypt' : 'decrypt'
    const sentence = `Secrets Manager can't ${verb} the protected secret text using the provided KMS key.`
    return fail(failure, `${sentence} ${error.code}: ${error.message}`)
  }
}

const purpose = (secret: SecretRow, version: string) => `${secretArn(secret)}/${version}`

function encrypt(key: Uint8Array, where: string, plain: Uint8Array): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(where))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function decrypt(key: Uint8Array, where: string, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
    .setAAD(Buffer.from(where))
    .setAuthTag(bytes.subarray(-TAG))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()])
  } catch {
    return undefined
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
