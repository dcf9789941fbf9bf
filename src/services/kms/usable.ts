// May this key do this now? Its state and its usage, refused in KMS's words.

import type { KeyUsageType } from '@aws-sdk/client-kms'
import type { Call } from '../../operation/call.ts'
import { disabled, fail, invalidState } from './errors.ts'
import { type KeyRow, secretOf } from './keys.ts'
import { keyArn } from './references.ts'

/** Refuses keys that are disabled, about to be deleted, or without material. */
export function checkState(key: KeyRow): void {
  const arn = keyArn(key)
  if (key.state === 'Disabled') disabled(arn)
  if (key.state === 'PendingDeletion') invalidState(arn, 'pending deletion')
  if (key.state !== 'Enabled') invalidState(arn, 'pending import')
}

export function checkUsage(key: KeyRow, usage: KeyUsageType, operation: string): void {
  if (key.usage === usage) return
  fail('InvalidKeyUsageException', `${keyArn(key)} key usage is ${key.usage} which is not valid for ${operation}.`)
}

/** The operations that need a symmetric encryption key and get another. */
export function checkSymmetric(key: KeyRow, operation: string): void {
  checkUsage(key, 'ENCRYPT_DECRYPT', operation)
  if (key.spec !== 'SYMMETRIC_DEFAULT')
    fail('InvalidKeyUsageException', `${keyArn(key)} key spec is ${key.spec} which is not valid for ${operation}.`)
}

/** What the key encrypts or signs with now. */
export async function currentSecret(call: Call, key: KeyRow): Promise<Buffer> {
  const secret = await secretOf(call, key.key_id, key.material_id)
  return secret ?? invalidState(keyArn(key), 'pending import')
}

/** Nitro enclaves attest themselves in `Recipient`; there are none here. */
export function refuseRecipient(input: { Recipient?: unknown }): void {
  if (input.Recipient !== undefined)
    fail('UnsupportedOperationException', 'Recipient is not supported by Codeyard: there are no Nitro enclaves')
}
