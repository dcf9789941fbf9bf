// Server-side encryption as requests and buckets say it: kept and echoed with the object.
// DEVIATES: object bytes are not encrypted by S3 here; the data directory's disk encryption does that.

import type { ServerSideEncryptionConfiguration } from '@aws-sdk/client-s3'
import type { Bucket } from './buckets.ts'
import { failArgument, failNotSupported } from './errors.ts'

export interface EncryptionInput {
  readonly ServerSideEncryption?: string
  readonly SSEKMSKeyId?: string
  readonly SSEKMSEncryptionContext?: string
  readonly BucketKeyEnabled?: boolean
}

export interface Encryption {
  readonly ServerSideEncryption: string
  readonly SSEKMSKeyId?: string
  readonly BucketKeyEnabled?: boolean
}

const KMS = new Set(['aws:kms', 'aws:kms:dsse'])

// AWS: "all new object uploads to Amazon S3 are automatically encrypted" with SSE-S3 [Amazon S3 user guide, default-encryption-faq].
export const DEFAULT_ENCRYPTION: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
}

/** What an object gets: the request's own wish, else the bucket's default. */
export function encryptionOf(bucket: Bucket, input: EncryptionInput): Encryption {
  if (input.ServerSideEncryption !== undefined) {
    return encryption(bucket, input.ServerSideEncryption, input.SSEKMSKeyId, input.BucketKeyEnabled)
  }
  if (input.SSEKMSKeyId !== undefined) {
    const message =
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms'
    failArgument('x-amz-server-side-encryption', null, message)
  }
  const [rule] = (bucket.encryption ?? DEFAULT_ENCRYPTION).Rules ?? []
  const byDefault = rule?.ApplyServerSideEncryptionByDefault
  return encryption(bucket, byDefault?.SSEAlgorithm ?? 'AES256', byDefault?.KMSMasterKeyID, rule?.BucketKeyEnabled)
}

function encryption({ account, region }: Bucket, algorithm: string, key?: string, bucketKey?: boolean): Encryption {
  if (algorithm === 'AES256') {
    if (key === undefined) return { ServerSideEncryption: 'AES256' }
    const message = 'The encryption method specified is not supported'
    return failArgument('x-amz-server-side-encryption', algorithm, message)
  }
  if (!KMS.has(algorithm)) {
    failArgument('x-amz-server-side-encryption', algorithm, 'The encryption method specified is not supported')
  }
  const name = key ?? 'alias/aws/s3'
  const path = name.startsWith('alias/') ? name : `key/${name}`
  const SSEKMSKeyId = name.startsWith('arn:') ? name : `arn:aws:kms:${region}:${account}:${path}`
  return { ServerSideEncryption: algorithm, SSEKMSKeyId, ...(bucketKey ? { BucketKeyEnabled: true } : {}) }
}

/** Keys that the customer sends with each request are refused: bytes kept in the clear would be a broken promise. */
export function refuseCustomerKeys(input: object): void {
  const asked = Object.entries(input).some(([name, value]) => /SSECustomer/.test(name) && value !== undefined)
  if (asked) failNotSupported('server-side encryption with customer-provided keys (SSE-C)')
}
