// What Encrypt or GenerateDataKey made, with any material that the key ever had.

import type { Handler } from '../../../../operation/handler.ts'
import { checkWay, decryptWith, keyOfCiphertext, materialField } from '../../encryption.ts'
import { dryRun, invalid } from '../../errors.ts'
import { keyArn } from '../../references.ts'
import { refuseRecipient } from '../../usable.ts'

export const decrypt: Handler<'kms', 'Decrypt'> = async (call, input) => {
  refuseRecipient(input)
  const blob = input.CiphertextBlob
  const key = await keyOfCiphertext(call, input.KeyId, blob)
  const way = { algorithm: input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT', context: input.EncryptionContext }
  checkWay(key, way, 'Decrypt')
  if (!blob) return input.DryRun && input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT') ? dryRun() : missing()
  if (input.DryRun && input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT')) return dryRun()
  const { plain, materialId } = await decryptWith(call, key, blob, way)
  if (input.DryRun) return dryRun()
  return {
    KeyId: keyArn(key),
    Plaintext: plain,
    EncryptionAlgorithm: way.algorithm,
    ...materialField('KeyMaterialId', key, materialId),
  }
}

const missing = (): never =>
  invalid(
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
  )
