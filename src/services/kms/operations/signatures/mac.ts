// Message authentication codes.

import type { GenerateMacRequest, VerifyMacRequest } from '@aws-sdk/client-kms'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { dryRun, fail } from '../../errors.ts'
import { factsOf } from '../../keySpecs.ts'
import { requireKey } from '../../keys.ts'
import { keyArn } from '../../references.ts'
import { macOf, sameMac } from '../../signing.ts'
import { checkState, checkUsage, currentSecret } from '../../usable.ts'

export const generateMac: Handler<'kms', 'GenerateMac'> = async (call, input) => {
  const { key, mac } = await make(call, input, 'GenerateMac')
  return { KeyId: keyArn(key), Mac: mac, MacAlgorithm: input.MacAlgorithm }
}

export const verifyMac: Handler<'kms', 'VerifyMac'> = async (call, input) => {
  const { key, mac } = await make(call, input, 'VerifyMac')
  if (!sameMac(mac, input.Mac)) fail('KMSInvalidMacException', '')
  return { KeyId: keyArn(key), MacValid: true, MacAlgorithm: input.MacAlgorithm }
}

async function make(call: Call, input: GenerateMacRequest | VerifyMacRequest, operation: string) {
  const key = await requireKey(call, input.KeyId!)
  checkState(key)
  checkUsage(key, 'GENERATE_VERIFY_MAC', operation)
  // AWS: as recorded on AWS [localstack, test_kms.snapshot.json].
  if (!factsOf(key.spec).mac.includes(input.MacAlgorithm!))
    fail('InvalidKeyUsageException', `Algorithm ${input.MacAlgorithm} is incompatible with key spec ${key.spec}.`)
  if (input.DryRun) return dryRun()
  return { key, mac: macOf(await currentSecret(call, key), input.MacAlgorithm!, input.Message!) }
}
