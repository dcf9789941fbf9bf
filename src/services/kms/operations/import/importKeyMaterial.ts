// Bringing one's own key material, wrapped for the way.

import {
  constants,
  createDecipheriv,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { AlgorithmSpec } from '@aws-sdk/client-kms'
import { loadMasterKey } from '../../../../core/masterKey.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, invalid, invalidState } from '../../errors.ts'
import { addMaterial, forgetMaterial, type KeyRow, requireKey, saveKey } from '../../keys.ts'
import { materialIdOf } from '../../material.ts'
import { keyArn } from '../../references.ts'
import { announce, scheduleExpiry } from '../../tasks.ts'

const TOKEN_MS = 24 * 3600 * 1000
const purpose = (key: KeyRow) => `kms/import/${key.key_id}`

interface Token {
  readonly until: number
  readonly algorithm: AlgorithmSpec
  /** PKCS #8, base64. */
  readonly secret: string
}

const wrappingPair = promisify(generateKeyPair) as unknown as (
  kind: 'rsa',
  options: object,
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>

/** The token is the wrapping key itself, sealed: nothing is kept here. */
export const getParametersForImport: Handler<'kms', 'GetParametersForImport'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId)
  checkImportable(key)
  if (input.WrappingKeySpec === 'SM2' || !WAYS[input.WrappingAlgorithm])
    fail(
      'UnsupportedOperationException',
      `${input.WrappingAlgorithm} with ${input.WrappingKeySpec} is not supported by Codeyard`,
    )
  const modulusLength = Number(input.WrappingKeySpec.slice('RSA_'.length))
  const { publicKey, privateKey } = await wrappingPair('rsa', { modulusLength })
  const until = call.now.getTime() + TOKEN_MS
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  const token: Token = { until, algorithm: input.WrappingAlgorithm, secret }
  const sealed = loadMasterKey(call.config.dataDir).seal(purpose(key), JSON.stringify(token))
  return {
    KeyId: keyArn(key),
    ImportToken: Buffer.from(sealed, 'base64'),
    PublicKey: publicKey.export({ format: 'der', type: 'spki' }),
    ParametersValidTo: new Date(until),
  }
}

export const importKeyMaterial: Handler<'kms', 'ImportKeyMaterial'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkImportable(key)
  const expires = input.ExpirationModel !== 'KEY_MATERIAL_DOES_NOT_EXPIRE'
  if (expires && !input.ValidTo) invalid('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES')
  if (!expires && input.ValidTo)
    invalid('A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE')
  if (input.ValidTo && input.ValidTo <= call.now) invalid('The validTo date must be in the future')
  const text = loadMasterKey(call.config.dataDir).open(purpose(key), Buffer.from(input.ImportToken).toString('base64'))
  if (!text) return fail('InvalidImportTokenException', 'The import token is not valid for this key.')
  const token: Token = JSON.parse(text.toString('utf8'))
  if (token.until < call.now.getTime()) fail('ExpiredImportTokenException', 'The import token has expired.')
  const secret = unwrap(token, input.EncryptedKeyMaterial)
  const materialId = materialIdOf(key.key_id, secret)
  // AWS: once imported, only the same material may come back [ImportKeyMaterial].
  if (key.material_id !== null && key.material_id !== materialId)
    fail('IncorrectKeyMaterialException', 'The key material is not the one that was imported into this key before.')
  await addMaterial(call, key, secret, null)
  const state = key.state === 'PendingImport' ? 'Enabled' : key.state
  await saveKey(call.tx, { ...key, state, material_id: materialId, expires_at: input.ValidTo ?? null })
  if (input.ValidTo) await scheduleExpiry(call, key.key_id, input.ValidTo)
  return { KeyId: keyArn(key), KeyMaterialId: materialId }
}

export const deleteImportedKeyMaterial: Handler<'kms', 'DeleteImportedKeyMaterial'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkImportable(key)
  if (key.material_id !== null) await forgetMaterial(call.tx, key.key_id, key.material_id)
  await saveKey(call.tx, { ...key, state: 'PendingImport', expires_at: null })
  await announce(call, 'KMS Imported Key Material Expiration', key)
  return { KeyId: keyArn(key), ...(key.material_id && { KeyMaterialId: key.material_id }) }
}

function checkImportable(key: KeyRow): void {
  if (key.origin !== 'EXTERNAL')
    fail(
      'UnsupportedOperationException',
      `${keyArn(key)} origin is ${key.origin} which is not valid for this operation.`,
    )
  if (key.state === 'PendingDeletion') invalidState(keyArn(key), 'pending deletion')
}

const oaep = (hash: string) => (key: KeyObject, wrapped: Uint8Array) =>
  privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, wrapped)

/** An AES key under RSA, then the material under the AES key (RFC 5649). */
const twoSteps = (hash: string) => (key: KeyObject, wrapped: Uint8Array) => {
  const size = key.asymmetricKeyDetails!.modulusLength! / 8
  const aes = oaep(hash)(key, wrapped.subarray(0, size))
  const decipher = createDecipheriv('id-aes256-wrap-pad', aes, Buffer.from('A65959A6', 'hex'))
  return Buffer.concat([decipher.update(wrapped.subarray(size)), decipher.final()])
}

const WAYS: Readonly<Partial<Record<AlgorithmSpec, (key: KeyObject, wrapped: Uint8Array) => Buffer>>> = {
  RSAES_OAEP_SHA_1: oaep('sha1'),
  RSAES_OAEP_SHA_256: oaep('sha256'),
  RSA_AES_KEY_WRAP_SHA_1: twoSteps('sha1'),
  RSA_AES_KEY_WRAP_SHA_256: twoSteps('sha256'),
}

function unwrap({ algorithm, secret }: Token, wrapped: Uint8Array): Buffer {
  const key = createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' })
  let plain: Buffer | undefined
  try {
    plain = WAYS[algorithm]!(key, wrapped)
  } catch {}
  // AWS sends no message with it.
  return plain?.length === 32 ? plain : fail('InvalidCiphertextException', '')
}
