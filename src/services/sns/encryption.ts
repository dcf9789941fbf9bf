// Messages of topics with a KMS key, while they wait for delivery: who publishes must be allowed to use the key, and what is kept is encrypted.
// AWS: the publisher needs kms:GenerateDataKey and kms:Decrypt on the key [sns-key-management].
// DEVIATES: AWS keeps the data key in memory for some minutes and opens later deliveries with the publisher's session. Deliveries here outlive
// processes and sessions, so the data key of a message waits beside it, sealed with the house's master key.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { formatArn } from '../../core/arn.ts'
import { loadMasterKey } from '../../core/masterKey.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call, CallContext } from '../../operation/call.ts'
import { type TopicKey, topicArn } from './arns.ts'
import { fail, invalid } from './errors.ts'
import type { Notification } from './message.ts'

interface Encrypted {
  readonly id: string
  /** Sealed with the master key. */
  readonly dataKey: string
  /** Nonce, ciphertext and tag, base64. */
  readonly encrypted: string
}

/** A message as jobs carry it. */
export type Kept = Notification | Encrypted

const NONCE = 12
const TAG = 16

/** The messages as they may be kept; refuses when the topic's key can not be used by the caller. */
export async function keepMessages(
  call: Call,
  topic: TopicKey,
  keyId: string | undefined,
  messages: readonly Notification[],
): Promise<readonly Kept[]> {
  if (!keyId || messages.length === 0) return messages
  const key = await dataKeyOf(call, topic, keyId)
  const master = loadMasterKey(call.config.dataDir)
  return messages.map(message => ({
    id: message.id,
    dataKey: master.seal(purpose(topic, message.id), key),
    encrypted: encrypt(key, JSON.stringify(message)),
  }))
}

export function openMessage(call: CallContext, topic: TopicKey, kept: Kept): Notification {
  if (!('encrypted' in kept)) return kept
  const key = loadMasterKey(call.config.dataDir).open(purpose(topic, kept.id), kept.dataKey)
  if (!key) throw new Error(`The message ${kept.id} was encrypted with another master key`)
  return JSON.parse(decrypt(key, kept.encrypted))
}

async function dataKeyOf(call: Call, topic: TopicKey, keyId: string): Promise<Uint8Array> {
  const own = keyId.startsWith('alias/') ? keyId : `key/${keyId}`
  const EncryptionContext = { 'aws:sns:topicArn': topicArn(topic) }
  const KeyId = keyId.startsWith('arn:') ? keyId : formatArn('kms', topic, own)
  try {
    const made = await call.invoke('kms', 'GenerateDataKey', { KeyId, EncryptionContext, KeySpec: 'AES_256' })
    const input = { CiphertextBlob: made.CiphertextBlob!, EncryptionContext }
    return (await call.invoke('kms', 'Decrypt', input)).Plaintext!
  } catch (error) {
    return refusedByKms(call, error)
  }
}

// AWS: "KMSAccessDeniedException: The ciphertext refers to ... (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException;
// Request ID: ...; Proxy: null)" [aws/aws-cdk issue 24337]; the codes are those of the API's model.
function refusedByKms(call: Call, error: unknown): never {
  if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
  const tail = `(Service: AWSKMS; Status Code: 400; Error Code: ${error.code}; Request ID: ${call.requestId}; Proxy: null)`
  const message = `${error.message} ${tail}`
  switch (error.code) {
    case 'AccessDeniedException':
      return fail('KMSAccessDeniedException', message)
    case 'DisabledException':
      return fail('KMSDisabledException', message)
    case 'KMSInvalidStateException':
      return fail('KMSInvalidStateException', message)
    case 'NotFoundException':
      return fail('KMSNotFoundException', message)
    default:
      return invalid(`KmsMasterKeyId Reason: ${message}`)
  }
}

const purpose = (topic: TopicKey, id: string) => `sns/${topicArn(topic)}/${id}`

function encrypt(key: Uint8Array, text: string): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function decrypt(key: Uint8Array, encrypted: string): string {
  const bytes = Buffer.from(encrypted, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE)).setAuthTag(bytes.subarray(-TAG))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8')
}
