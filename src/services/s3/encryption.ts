// Server-side encryption as requests and buckets ask for it: SSE-S3, or a key of KMS (see dataKeys.ts). Pure.
// DEVIATES: objects with SSE-S3 (AES256) are stored as they are: encrypting the data directory's disk does the same for all of them.

import type { ServerSideEncryptionConfiguration } from '@aws-sdk/client-s3'
import type { Bucket } from './buckets.ts'
import { failArgument, failNotSupported } from './errors.ts'

export interface EncryptionInput {
  readonly ServerSideEncryption?: string
  readonly SSEKMSKeyId?: string
  readonly SSEKMSEncryptionContext?: string
  readonly BucketKeyEnabled?: boolean
}

export type Encryption =
  | { readonly algorithm: 'AES256' }
  | {
      readonly algorithm: 'aws:kms'
      /** As the request or the bucket names it: id, ARN, alias or alias ARN. */
      readonly key: string
      readonly bucketKey: boolean
      /** Pairs that the request adds to S3's own. */
      readonly context: Readonly<Record<string, string>> | undefined
    }

// AWS: "If you specify x-amz-server-side-encryption:aws:kms ..., but do not provide x-amz-server-side-encryption-aws-kms-key-id,
// Amazon S3 uses the Amazon Web Services managed key (aws/s3)" [Amazon S3 API reference, PutObject].
const MANAGED_KEY = 'alias/aws/s3'

// AWS: "all new object uploads to Amazon S3 are automatically encrypted" with SSE-S3 [Amazon S3 user guide, default-encryption-faq].
export const DEFAULT_ENCRYPTION: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
}

/** What an object gets: the request's own wish, else the bucket's default. */
export function encryptionOf({ encryption: settings }: Pick<Bucket, 'encryption'>, input: EncryptionInput): Encryption {
  const [rule] = (settings ?? DEFAULT_ENCRYPTION).Rules ?? []
  // AWS: "your object uses the S3 Bucket Key settings for the destination bucket" unless the request says otherwise
  // [Amazon S3 user guide, specifying-kms-encryption].
  const bucketKey = input.BucketKeyEnabled ?? rule?.BucketKeyEnabled ?? false
  if (input.ServerSideEncryption !== undefined) {
    const context = readContext(input.SSEKMSEncryptionContext)
    return encryption(input.ServerSideEncryption, input.SSEKMSKeyId, { bucketKey, context })
  }
  if (input.SSEKMSKeyId !== undefined || input.SSEKMSEncryptionContext !== undefined) {
    const message =
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms'
    failArgument('x-amz-server-side-encryption', null, message)
  }
  const { SSEAlgorithm = 'AES256', KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {}
  return encryption(SSEAlgorithm, KMSMasterKeyID, { bucketKey, context: undefined })
}

type KmsWish = Pick<Extract<Encryption, { algorithm: 'aws:kms' }>, 'bucketKey' | 'context'>

function encryption(algorithm: string, key: string | undefined, wish: KmsWish): Encryption {
  refuseDoubleLayer(algorithm)
  if (algorithm === 'aws:kms') return { algorithm, key: key || MANAGED_KEY, ...wish }
  if (algorithm === 'AES256' && key === undefined && wish.context === undefined) return { algorithm }
  return failArgument('x-amz-server-side-encryption', algorithm, 'The encryption method specified is not supported')
}

/** Refused wherever it is asked for: one layer that calls itself two would be a broken promise. */
export function refuseDoubleLayer(algorithm: string | undefined): void {
  if (algorithm === 'aws:kms:dsse') failNotSupported('dual-layer server-side encryption (aws:kms:dsse): use aws:kms')
}

/** Base64 of a JSON object whose values are texts. */
function readContext(header: string | undefined): Readonly<Record<string, string>> | undefined {
  if (header === undefined) return undefined
  try {
    const pairs: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
    const isMap = typeof pairs === 'object' && pairs !== null && !Array.isArray(pairs)
    if (isMap && Object.values(pairs).every(value => typeof value === 'string')) return pairs as Record<string, string>
  } catch {}
  // AWS: observed sentence.
  const message =
    "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map"
  return failArgument('x-amz-server-side-encryption-context', header, message)
}

/** Keys that the customer sends with each request are refused: bytes kept in the clear would be a broken promise. */
export function refuseCustomerKeys(input: object): void {
  const asked = Object.entries(input).some(([name, value]) => /SSECustomer/.test(name) && value !== undefined)
  if (asked) failNotSupported('server-side encryption with customer-provided keys (SSE-C)')
}
