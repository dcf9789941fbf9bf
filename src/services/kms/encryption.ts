// Encrypting and decrypting with a key, symmetric or RSA.

import { constants, createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from 'node:crypto'
import type { EncryptionAlgorithmSpec } from '@aws-sdk/client-kms'
import type { Call } from '../../operation/call.ts'
import { type EncryptionContext, openUnder, originOf, sealUnder } from './ciphertext.ts'
import { fail, incorrectKey, invalid, invalidCiphertext, unknownCiphertextKey } from './errors.ts'
import { digestOf, factsOf } from './keySpecs.ts'
import { findByIdAnywhere, type KeyRow, requireKey, secretOf } from './keys.ts'
import { keyArn } from './references.ts'
import { checkState, checkUsage, currentSecret } from './usable.ts'

interface Way {
  readonly algorithm: EncryptionAlgorithmSpec
  readonly context: EncryptionContext | undefined
}

/** Refuses what the key can not encrypt with. */
export function checkWay(key: KeyRow, { algorithm, context }: Way, operation: string): void {
  checkState(key)
  checkUsage(key, 'ENCRYPT_DECRYPT', operation)
  if (!factsOf(key.spec).encryption.includes(algorithm))
    fail('InvalidKeyUsageException', `Algorithm ${algorithm} and key spec ${key.spec} do not match.`)
  if (algorithm !== 'SYMMETRIC_DEFAULT' && context && Object.keys(context).length > 0)
    invalid('EncryptionContext is only supported with symmetric encryption keys')
}

export async function encryptWith(call: Call, key: KeyRow, plain: Uint8Array, { algorithm, context }: Way) {
  if (algorithm === 'SYMMETRIC_DEFAULT') {
    const secret = await currentSecret(call, key)
    return sealUnder({ keyId: key.key_id, materialId: key.material_id! }, secret, plain, context)
  }
  const facts = factsOf(key.spec).material
  const hash = digestOf(algorithm)
  // OAEP needs two hashes and two bytes of the modulus.
  const most = (facts.kind === 'rsa' ? facts.bits : 0) / 8 - 2 * (hash === 'sha1' ? 20 : 32) - 2
  // AWS: as recorded on AWS [localstack, test_kms.snapshot.json].
  if (plain.length > most)
    invalid(`Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${most} bytes.`)
  const publicKey = createPublicKey({ key: key.public_key!, format: 'der', type: 'spki' })
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, plain)
}

export interface Opened {
  readonly plain: Buffer
  readonly materialId: string
}

export async function decryptWith(
  call: Call,
  key: KeyRow,
  blob: Uint8Array,
  { algorithm, context }: Way,
): Promise<Opened> {
  if (algorithm === 'SYMMETRIC_DEFAULT') {
    const origin = originOf(blob)
    if (!origin) return invalidCiphertext()
    if (origin.keyId !== key.key_id) return incorrectKey()
    const secret = await secretOf(call, key.key_id, origin.materialId)
    const plain = secret && openUnder(secret, blob, context)
    return plain ? { plain, materialId: origin.materialId } : invalidCiphertext()
  }
  const secret = await currentSecret(call, key)
  const privateKey = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' })
  try {
    const plain = privateDecrypt(
      { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digestOf(algorithm) },
      blob,
    )
    return { plain, materialId: key.material_id! }
  } catch {
    return invalidCiphertext()
  }
}

/** The key of a ciphertext: as the request names it, else as the ciphertext does. */
export async function keyOfCiphertext(
  call: Call,
  text: string | undefined,
  blob: Uint8Array | undefined,
): Promise<KeyRow> {
  if (text !== undefined) return requireKey(call, text)
  const origin = blob && originOf(blob)
  if (!origin) return invalidCiphertext()
  return (await findByIdAnywhere(call.tx, call.scope.region, origin.keyId)) ?? unknownCiphertextKey()
}

/** The id of the material that an answer names: only symmetric keys have several. */
export const materialField = <N extends string>(name: N, key: KeyRow, materialId: string | null) =>
  (key.spec === 'SYMMETRIC_DEFAULT' && materialId ? { [name]: materialId } : {}) as Partial<Record<N, string>>

export const arnField = (key: KeyRow) => ({ KeyId: keyArn(key) })
