// What an object is besides its bytes: from the headers of PutObject, CopyObject and CreateMultipartUpload to what is stored, and back.

import { checkAcl } from './accessControlLists.ts'
import type { Bucket } from './buckets.ts'
import { type Encryption, type EncryptionInput, encryptionOf, refuseCustomerKeys } from './encryption.ts'
import { fail, failNotSupported } from './errors.ts'
import { checkKey } from './names.ts'
import type { ObjectVersion, Tag } from './objects.ts'
import { readTagHeader } from './tags.ts'

/** AWS: "user-defined metadata is limited to 2 KB in size" [Amazon S3 user guide, UsingMetadata]. */
const MOST_METADATA = 2048
const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
]

export interface AttributeInput extends EncryptionInput {
  readonly Key?: string
  readonly ContentType?: string
  readonly CacheControl?: string
  readonly ContentDisposition?: string
  readonly ContentEncoding?: string
  readonly ContentLanguage?: string
  readonly Expires?: Date
  readonly WebsiteRedirectLocation?: string
  readonly Metadata?: Record<string, string>
  readonly StorageClass?: string
  readonly Tagging?: string
  readonly ACL?: string
  readonly ObjectLockMode?: string
  readonly ObjectLockRetainUntilDate?: Date
  readonly ObjectLockLegalHoldStatus?: string
}

export interface Attributes {
  readonly headers: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly storage_class: string
}

/** Attributes before KMS was asked: `keyFor` makes what is stored of them. */
export type WantedAttributes = Attributes & { readonly encryption: Encryption }

/** Checks and collects; SSE follows the bucket's default when the request is silent. */
export function attributesOf(bucket: Bucket, input: AttributeInput): WantedAttributes {
  checkKey(input.Key!)
  refuseCustomerKeys(input)
  refuseObjectLock(input)
  checkAcl(input, bucket.account)
  return {
    headers: systemHeaders(input),
    encryption: encryptionOf(bucket, input),
    metadata: checkMetadata(input.Metadata ?? {}),
    tags: readTagHeader(input.Tagging),
    storage_class: checkStorageClass(input.StorageClass),
  }
}

function systemHeaders(input: AttributeInput): Record<string, unknown> {
  const { CacheControl, ContentDisposition, ContentLanguage, WebsiteRedirectLocation } = input
  // `aws-chunked` says how the body travelled, not what it is.
  const encoding = (input.ContentEncoding ?? '').split(',').map(part => part.trim())
  const ContentEncoding = encoding.filter(part => part !== '' && part !== 'aws-chunked').join(',') || undefined
  return {
    ContentType: input.ContentType || 'binary/octet-stream',
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    Expires: input.Expires?.toUTCString(),
    WebsiteRedirectLocation,
  }
}

function checkMetadata(metadata: Record<string, string>): Record<string, string> {
  const entries = Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value] as const)
  const size = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
  if (size > MOST_METADATA) fail('MetadataTooLarge', { fields: { Size: size, MaxSizeAllowed: MOST_METADATA } })
  return Object.fromEntries(entries)
}

function checkStorageClass(name = 'STANDARD'): string {
  if (name === 'GLACIER' || name === 'DEEP_ARCHIVE')
    failNotSupported(`the storage class ${name}: nothing is archived here`)
  if (!STORAGE_CLASSES.includes(name)) fail('InvalidStorageClass', { fields: { StorageClassRequested: name } })
  return name
}

function refuseObjectLock(input: AttributeInput): void {
  const { ObjectLockMode, ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus } = input
  if (ObjectLockMode ?? ObjectLockRetainUntilDate ?? ObjectLockLegalHoldStatus) {
    fail('InvalidRequest', { message: 'Bucket is missing Object Lock Configuration' })
  }
}

/** The members of outputs that tell how an object is encrypted. */
export function shownEncryption({ headers }: Pick<ObjectVersion, 'headers'>) {
  const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = headers
  return { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled }
}

/** The system headers as GET and HEAD answer them. */
export function shownHeaders({ headers }: Pick<ObjectVersion, 'headers'>) {
  return { ...headers, Expires: headers.Expires && new Date(headers.Expires) }
}
