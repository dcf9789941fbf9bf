// Key pairs for use elsewhere: the private key under the key.

import type { GenerateDataKeyPairRequest } from '@aws-sdk/client-kms'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sealUnder } from '../../ciphertext.ts'
import { dryRun } from '../../errors.ts'
import { factsOf } from '../../keySpecs.ts'
import { requireKey } from '../../keys.ts'
import { makeMaterial } from '../../material.ts'
import { keyArn } from '../../references.ts'
import { checkState, checkSymmetric, currentSecret, refuseRecipient } from '../../usable.ts'

export const generateDataKeyPair: Handler<'kms', 'GenerateDataKeyPair'> = async (call, input) => {
  refuseRecipient(input)
  const { secret, ...answer } = await make(call, input, 'GenerateDataKeyPair')
  return { ...answer, PrivateKeyPlaintext: secret }
}

export const generateDataKeyPairWithoutPlaintext: Handler<'kms', 'GenerateDataKeyPairWithoutPlaintext'> = async (
  call,
  input,
) => {
  const { secret: _kept, ...answer } = await make(call, input, 'GenerateDataKeyPairWithoutPlaintext')
  return answer
}

async function make(call: Call, input: GenerateDataKeyPairRequest, operation: string) {
  const key = await requireKey(call, input.KeyId!)
  checkState(key)
  checkSymmetric(key, operation)
  const facts = factsOf(input.KeyPairSpec!)
  if (input.DryRun) return dryRun()
  const wrapping = await currentSecret(call, key)
  const { secret, publicKey } = await makeMaterial(facts.material)
  const origin = { keyId: key.key_id, materialId: key.material_id! }
  return {
    secret,
    PrivateKeyCiphertextBlob: sealUnder(origin, wrapping, secret, input.EncryptionContext),
    PublicKey: publicKey!,
    KeyId: keyArn(key),
    KeyPairSpec: input.KeyPairSpec!,
    KeyMaterialId: key.material_id!,
  }
}
