// From one key or encryption context to another, the plaintext never leaving.

import type { Handler } from '../../../../operation/handler.ts'
import { checkWay, decryptWith, encryptWith, keyOfCiphertext, materialField } from '../../encryption.ts'
import { dryRun, invalid } from '../../errors.ts'
import { requireKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'

export const reEncrypt: Handler<'kms', 'ReEncrypt'> = async (call, input) => {
  const blob = input.CiphertextBlob
  const source = await keyOfCiphertext(call, input.SourceKeyId, blob)
  const target = await requireKey(call, input.DestinationKeyId)
  const from = {
    algorithm: input.SourceEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    context: input.SourceEncryptionContext,
  }
  const to = {
    algorithm: input.DestinationEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    context: input.DestinationEncryptionContext,
  }
  checkWay(source, from, 'ReEncryptFrom')
  checkWay(target, to, 'ReEncryptTo')
  if (input.DryRun && input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT')) return dryRun()
  if (!blob)
    return invalid(
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    )
  const { plain, materialId } = await decryptWith(call, source, blob, from)
  if (input.DryRun) return dryRun()
  return {
    CiphertextBlob: await encryptWith(call, target, plain, to),
    SourceKeyId: keyArn(source),
    KeyId: keyArn(target),
    SourceEncryptionAlgorithm: from.algorithm,
    DestinationEncryptionAlgorithm: to.algorithm,
    ...materialField('SourceKeyMaterialId', source, materialId),
    ...materialField('DestinationKeyMaterialId', target, target.material_id),
  }
}
