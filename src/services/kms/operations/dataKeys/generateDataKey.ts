// Keys for encrypting data elsewhere: random bytes, and the same under the key.

import { randomBytes } from 'node:crypto'
import type { GenerateDataKeyRequest } from '@aws-sdk/client-kms'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sealUnder } from '../../ciphertext.ts'
import { dryRun, invalid } from '../../errors.ts'
import { requireKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'
import { checkState, checkSymmetric, currentSecret, refuseRecipient } from '../../usable.ts'

export const generateDataKey: Handler<'kms', 'GenerateDataKey'> = async (call, input) => {
  refuseRecipient(input)
  const { plain, ...answer } = await make(call, input, 'GenerateDataKey')
  return { ...answer, Plaintext: plain }
}

export const generateDataKeyWithoutPlaintext: Handler<'kms', 'GenerateDataKeyWithoutPlaintext'> = async (
  call,
  input,
) => {
  const { plain: _kept, ...answer } = await make(call, input, 'GenerateDataKeyWithoutPlaintext')
  return answer
}

async function make(call: Call, input: GenerateDataKeyRequest, operation: string) {
  const key = await requireKey(call, input.KeyId!)
  checkState(key)
  checkSymmetric(key, operation)
  const length = lengthOf(input)
  if (input.DryRun) return dryRun()
  const plain = randomBytes(length)
  const secret = await currentSecret(call, key)
  const CiphertextBlob = sealUnder(
    { keyId: key.key_id, materialId: key.material_id! },
    secret,
    plain,
    input.EncryptionContext,
  )
  return { plain, CiphertextBlob, KeyId: keyArn(key), KeyMaterialId: key.material_id! }
}

function lengthOf({ KeySpec, NumberOfBytes }: GenerateDataKeyRequest): number {
  // AWS: the sentence that moto answers and tests [tests/test_kms].
  if ((KeySpec === undefined) === (NumberOfBytes === undefined))
    invalid('Please specify either number of bytes or key spec.')
  return NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32)
}
