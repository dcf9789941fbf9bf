// Signatures with the private key that never leaves.

import type { SignRequest, VerifyRequest } from '@aws-sdk/client-kms'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { dryRun, fail } from '../../errors.ts'
import { requireKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'
import { checkMessage, type Message, signWith, verifyWith } from '../../signing.ts'
import { checkState, checkUsage, currentSecret } from '../../usable.ts'

export const sign: Handler<'kms', 'Sign'> = async (call, input) => {
  const { key, message } = await prepare(call, input, 'Sign')
  const Signature = signWith(key, await currentSecret(call, key), message)
  return { KeyId: keyArn(key), Signature, SigningAlgorithm: message.algorithm }
}

/** AWS: a signature that is not the message's is an exception, never `SignatureValid: false` [Verify]. */
export const verify: Handler<'kms', 'Verify'> = async (call, input) => {
  const { key, message } = await prepare(call, input, 'Verify')
  if (!verifyWith(key, message, input.Signature)) fail('KMSInvalidSignatureException', '')
  return { KeyId: keyArn(key), SignatureValid: true, SigningAlgorithm: message.algorithm }
}

async function prepare(call: Call, input: SignRequest | VerifyRequest, operation: string) {
  const key = await requireKey(call, input.KeyId!)
  checkState(key)
  checkUsage(key, 'SIGN_VERIFY', operation)
  const message: Message = {
    bytes: input.Message!,
    type: input.MessageType ?? 'RAW',
    algorithm: input.SigningAlgorithm!,
  }
  checkMessage(key, message)
  return input.DryRun ? dryRun() : { key, message }
}
