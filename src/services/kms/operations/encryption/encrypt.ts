// Up to 4 KB under a key.

import type { Handler } from '../../../../operation/handler.ts'
import { checkWay, encryptWith } from '../../encryption.ts'
import { dryRun } from '../../errors.ts'
import { requireKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'

export const encrypt: Handler<'kms', 'Encrypt'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId)
  const way = { algorithm: input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT', context: input.EncryptionContext }
  checkWay(key, way, 'Encrypt')
  if (input.DryRun) return dryRun()
  const CiphertextBlob = await encryptWith(call, key, input.Plaintext, way)
  return { CiphertextBlob, KeyId: keyArn(key), EncryptionAlgorithm: way.algorithm }
}
