// The data keys of objects under KMS keys: one for each object or upload, made by KMS with the caller's own permissions, kept as KMS
// sealed it. Who may not use the KMS key, or finds it disabled, has no bytes.
// DEVIATES: AWS refuses requests for such objects without TLS or with signatures of version 2; here they are served as all others are.

import { isServiceError, ServiceError } from '../../core/serviceError.ts'
import type { CallContext } from '../../operation/call.ts'
import type { Attributes } from './attributes.ts'
import type { Bucket } from './buckets.ts'
import type { Encryption } from './encryption.ts'
import { fail, failArgument } from './errors.ts'
import type { ObjectVersion, SealedKey } from './objects.ts'

/** What `keyFor` adds to an object: its stored attributes, and the key in the clear for the bytes that come now. */
export interface Keyed<A extends Attributes> {
  readonly stored: A & { readonly data_key: SealedKey | null }
  readonly secret: Buffer | undefined
}

/**
 * Makes the data key that `encryption` asks for (kms:GenerateDataKey) and completes the headers with what encrypts the object.
 * DEVIATES: AWS makes a key of the bucket's own with BucketKeyEnabled and asks KMS less often; here only the encryption context is the
 * bucket's, so that a permission taken away counts at once.
 */
export async function keyFor<A extends Attributes>(
  call: CallContext,
  bucket: Bucket,
  key: string,
  { encryption, ...attributes }: A & { readonly encryption: Encryption },
): Promise<Keyed<A>> {
  const withHeaders = (sse: object, data_key: SealedKey | null) =>
    ({ ...attributes, headers: { ...attributes.headers, ...sse }, data_key }) as unknown as Keyed<A>['stored']
  if (encryption.algorithm === 'AES256') {
    return { stored: withHeaders({ ServerSideEncryption: 'AES256' }, null), secret: undefined }
  }
  const context = contextOf(bucket, key, encryption)
  const made = await asking(call, () =>
    call.inRegion(bucket.region).invoke('kms', 'GenerateDataKey', {
      KeyId: encryption.key,
      KeySpec: 'AES_256',
      EncryptionContext: context,
    }),
  )
  const sealed: SealedKey = { blob: Buffer.from(made.CiphertextBlob!).toString('base64'), context }
  return { stored: withHeaders(headersOf(made.KeyId, encryption), sealed), secret: Buffer.from(made.Plaintext!) }
}

type KmsEncryption = Extract<Encryption, { algorithm: 'aws:kms' }>

/** S3's own pair comes last: it can not be overridden. */
function contextOf({ name }: Bucket, key: string, { bucketKey, context }: KmsEncryption): SealedKey['context'] {
  return { ...context, 'aws:s3:arn': bucketKey ? `arn:aws:s3:::${name}` : `arn:aws:s3:::${name}/${key}` }
}

const headersOf = (SSEKMSKeyId: string | undefined, { bucketKey }: KmsEncryption) => ({
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId,
  ...(bucketKey ? { BucketKeyEnabled: true } : {}), // AWS: false is not shown
})

/** The same data key under another KMS key (kms:ReEncrypt*): headers and data key of an object whose bytes stay. */
export async function resealed(
  call: CallContext,
  bucket: Bucket,
  object: Pick<ObjectVersion, 'key' | 'headers'> & { readonly data_key: SealedKey },
  encryption: KmsEncryption,
): Promise<Pick<ObjectVersion, 'headers'> & { readonly data_key: SealedKey }> {
  const before = object.data_key
  const context = contextOf(bucket, object.key, { ...encryption, context: before.context })
  const made = await asking(call, () =>
    call.inRegion(bucket.region).invoke('kms', 'ReEncrypt', {
      CiphertextBlob: Buffer.from(before.blob, 'base64'),
      SourceEncryptionContext: { ...before.context },
      DestinationKeyId: encryption.key,
      DestinationEncryptionContext: context,
    }),
  )
  const { BucketKeyEnabled: _old, ...headers } = object.headers
  return {
    headers: { ...headers, ...headersOf(made.KeyId, encryption) },
    data_key: { blob: Buffer.from(made.CiphertextBlob!).toString('base64'), context },
  }
}

/** The data key of what is stored in `bucket`, opened as the caller (kms:Decrypt); undefined when the bytes are plain. */
export async function openKey(
  call: CallContext,
  { region }: Pick<Bucket, 'region'>,
  { data_key }: { readonly data_key: SealedKey | null },
): Promise<Buffer | undefined> {
  if (!data_key) return undefined
  const { Plaintext } = await asking(call, () =>
    call.inRegion(region).invoke('kms', 'Decrypt', {
      CiphertextBlob: Buffer.from(data_key.blob, 'base64'),
      EncryptionContext: { ...data_key.context },
    }),
  )
  return Buffer.from(Plaintext!)
}

// AWS: those that "Error responses" [Amazon S3 API reference, ErrorResponses] lists with the prefix, all 400; the sentences are KMS's.
const KMS_CODES = new Set([
  'DisabledException',
  'InvalidArnException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
])

/** Asks KMS, whose refusals become S3's. */
async function asking<T>({ principal }: CallContext, ask: () => Promise<T>): Promise<T> {
  if (principal.type === 'anonymous') {
    // AWS: observed for requests without a signature.
    const message =
      'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.'
    failArgument('Authorization', null, message)
  }
  try {
    return await ask()
  } catch (error) {
    if (!isServiceError(error)) throw error
    if (error.code === 'AccessDeniedException') fail('AccessDenied', { message: error.message })
    if (!KMS_CODES.has(error.code)) throw error
    throw new ServiceError(`KMS.${error.code}`, error.message, { status: 400, cause: error })
  }
}

/** The answer of a write that named an encryption context: all of it, in base64. */
export function shownContext(
  { SSEKMSEncryptionContext }: { readonly SSEKMSEncryptionContext?: string },
  { data_key }: { readonly data_key: SealedKey | null },
) {
  if (SSEKMSEncryptionContext === undefined || !data_key) return {}
  return { SSEKMSEncryptionContext: Buffer.from(JSON.stringify(data_key.context)).toString('base64') }
}
