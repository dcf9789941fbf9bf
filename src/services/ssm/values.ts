// Values of SecureString parameters: encrypted under the parameter's KMS key with the caller's permissions, decrypted for those who ask.
// AWS: standard parameters by Encrypt, advanced ones by a data key in a message of the AWS Encryption SDK, both with the context
// PARAMETER_ARN [services-parameter-store].

import { assertNever } from '../../core/assertNever.ts'
import { loadMasterKey } from '../../core/masterKey.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { CallContext } from '../../operation/call.ts'
import { openMessage, readMessage, sealMessage } from './encryptedMessage.ts'
import { fail } from './errors.ts'
import { parameterArn } from './names.ts'
import type { VersionRow } from './parameters.ts'

/** The key of SecureString parameters that name none: AWS-managed, made on first use. */
export const DEFAULT_KEY = 'alias/aws/ssm'

type Sealed = Pick<VersionRow, 'value' | 'sealed_by'>

const contextOf = (call: CallContext, name: string) => ({ PARAMETER_ARN: parameterArn(call.scope, name) })

export async function sealValue(
  call: CallContext,
  { name, tier, key_id }: Pick<VersionRow, 'name' | 'tier' | 'key_id'>,
  value: string,
): Promise<Sealed> {
  const context = contextOf(call, name)
  const key = { KeyId: key_id!, EncryptionContext: context }
  const plain = Buffer.from(value, 'utf8')
  try {
    if (tier === 'Standard') {
      const { CiphertextBlob } = await call.invoke('kms', 'Encrypt', { ...key, Plaintext: plain })
      return { value: base64(CiphertextBlob!), sealed_by: 'kmsKey' }
    }
    const made = await call.invoke('kms', 'GenerateDataKey', { ...key, KeySpec: 'AES_256' })
    const dataKey = { plain: made.Plaintext!, encrypted: made.CiphertextBlob!, keyArn: made.KeyId! }
    return { value: base64(sealMessage(dataKey, context, plain)), sealed_by: 'dataKey' }
  } catch (error) {
    return refusedByKms(call, error)
  }
}

/** As the caller sees it: a SecureString without decryption is its ciphertext. */
export async function shownValue(call: CallContext, row: VersionRow, decrypt: boolean | undefined): Promise<string> {
  if (row.sealed_by === null || !decrypt) return row.value
  const plain = await openValue(call, row, row.sealed_by)
  return plain?.toString('utf8') ?? fail('InvalidKeyId', `The value of ${row.name} can not be decrypted`)
}

async function openValue(call: CallContext, row: VersionRow, sealedBy: NonNullable<VersionRow['sealed_by']>) {
  const blob = Buffer.from(row.value, 'base64')
  switch (sealedBy) {
    case 'masterKey':
      return loadMasterKey(call.config.dataDir).open(masterPurpose(call, row), row.value)
    case 'kmsKey':
      return decrypted(call, row.name, blob)
    case 'dataKey': {
      const message = readMessage(blob)
      const key = message && (await decrypted(call, row.name, message.encryptedKey))
      return key && openMessage(message, key, contextOf(call, row.name))
    }
    default:
      return assertNever(sealedBy)
  }
}

async function decrypted(call: CallContext, name: string, blob: Uint8Array): Promise<Buffer> {
  const input = { CiphertextBlob: blob, EncryptionContext: contextOf(call, name) }
  try {
    return Buffer.from((await call.invoke('kms', 'Decrypt', input)).Plaintext!)
  } catch (error) {
    return refusedByKms(call, error)
  }
}

// AWS: "InvalidKeyId ... Key 'arn:...' does not exist (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException; Request ID: ...;
// Proxy: null)" [binxio/aws-ssm-copy issue 10]; AccessDeniedException with the same tail [tryolabs/aws-workshop issue 6].
function refusedByKms(call: CallContext, error: unknown): never {
  if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
  const code = error.code === 'AccessDeniedException' ? 'AccessDeniedException' : 'InvalidKeyId'
  const tail = `(Service: AWSKMS; Status Code: 400; Error Code: ${error.code}; Request ID: ${call.requestId}; Proxy: null)`
  return fail(code, `${error.message} ${tail}`.trimStart())
}

/** What a value was sealed for before parameters were under KMS. */
const masterPurpose = ({ scope }: CallContext, { name, version }: VersionRow) =>
  `ssm/${scope.account}/${scope.region}/${name}/${version}`

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
