// The public half of an asymmetric key, and secrets agreed with one.

import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import type { Handler } from '../../../../operation/handler.ts'
import { dryRun, fail, invalid } from '../../errors.ts'
import { requireKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'
import { metadataOf } from '../../shape.ts'
import { checkState, checkUsage, currentSecret, refuseRecipient } from '../../usable.ts'

export const getPublicKey: Handler<'kms', 'GetPublicKey'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId)
  if (!key.public_key)
    return fail('UnsupportedOperationException', `${keyArn(key)} key spec is ${key.spec} which has no public key.`)
  checkState(key)
  const { CustomerMasterKeySpec, KeySpec, KeyUsage, EncryptionAlgorithms, SigningAlgorithms, KeyAgreementAlgorithms } =
    metadataOf(key)
  return {
    KeyId: keyArn(key),
    PublicKey: key.public_key,
    CustomerMasterKeySpec,
    KeySpec,
    KeyUsage,
    ...(EncryptionAlgorithms && { EncryptionAlgorithms }),
    ...(SigningAlgorithms && { SigningAlgorithms }),
    ...(KeyAgreementAlgorithms && { KeyAgreementAlgorithms }),
  }
}

export const deriveSharedSecret: Handler<'kms', 'DeriveSharedSecret'> = async (call, input) => {
  refuseRecipient(input)
  const key = await requireKey(call, input.KeyId)
  checkState(key)
  checkUsage(key, 'KEY_AGREEMENT', 'DeriveSharedSecret')
  if (input.DryRun) return dryRun()
  const privateKey = createPrivateKey({ key: await currentSecret(call, key), format: 'der', type: 'pkcs8' })
  try {
    const publicKey = createPublicKey({ key: Buffer.from(input.PublicKey), format: 'der', type: 'spki' })
    const SharedSecret = diffieHellman({ privateKey, publicKey })
    return {
      KeyId: keyArn(key),
      SharedSecret,
      KeyAgreementAlgorithm: input.KeyAgreementAlgorithm,
      KeyOrigin: key.origin,
    }
  } catch {
    return invalid(`The public key is not a DER-encoded public key of ${key.spec}.`)
  }
}
