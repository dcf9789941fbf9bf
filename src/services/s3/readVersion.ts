// Finds the version that a read asks for, with S3's answers for what is not there, and what of it to give.

import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { Tx } from '../../store/tx.ts'
import { shownEncryption, shownHeaders } from './attributes.ts'
import { type Bucket, type BucketInput, requireBucket } from './buckets.ts'
import { memberOf } from './checksums/algorithms.ts'
import { type Conditions, checkRead } from './conditions.ts'
import { refuseCustomerKeys } from './encryption.ts'
import { fail, failArgument } from './errors.ts'
import { checkKey } from './names.ts'
import { findLatest, findVersion, type ObjectVersion, shownVersion } from './objects.ts'
import { type Range, readRange } from './ranges.ts'

export interface VersionInput extends BucketInput {
  readonly Key?: string
  readonly VersionId?: string
}

/** A version id as a request may name it. */
export function checkVersionId(id: string): void {
  if (id !== 'null' && !/^[A-Za-z0-9._-]{32}$/.test(id)) failArgument('versionId', id, 'Invalid version id specified')
}

/** The object itself: NoSuchKey, NoSuchVersion or MethodNotAllowed (a delete marker by its id) when there is none. */
export async function requireVersion(
  tx: Tx,
  input: VersionInput,
): Promise<{ readonly bucket: Bucket; readonly version: ObjectVersion }> {
  const { VersionId } = input
  const Key = input.Key!
  checkKey(Key)
  if (VersionId !== undefined) checkVersionId(VersionId)
  const bucket = await requireBucket(tx, input)
  const version =
    VersionId === undefined
      ? await findLatest(tx, bucket.name, Key)
      : await findVersion(tx, bucket.name, Key, VersionId)
  if (!version)
    return VersionId === undefined
      ? fail('NoSuchKey', { fields: { Key } })
      : fail('NoSuchVersion', { fields: { Key, VersionId } })
  if (version.delete_marker) failDeleted(bucket, version, VersionId)
  return { bucket, version }
}

function failDeleted(bucket: Bucket, version: ObjectVersion, asked: string | undefined): never {
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': shownVersion(bucket, version) ?? 'null' }
  if (asked === undefined) return fail('NoSuchKey', { fields: { Key: version.key }, headers })
  // AWS: 405 for a delete marker that is named [Amazon S3 user guide, DeleteMarker]
  const fields = { Method: 'GET', ResourceType: 'DeleteMarker' }
  return fail('MethodNotAllowed', {
    fields,
    headers: { ...headers, allow: 'DELETE', 'last-modified': version.modified_at.toUTCString() },
  })
}

export interface ReadInput extends VersionInput, Conditions {
  readonly Range?: string
  readonly PartNumber?: number
  readonly ChecksumMode?: string
  readonly ResponseCacheControl?: string
  readonly ResponseContentDisposition?: string
  readonly ResponseContentEncoding?: string
  readonly ResponseContentLanguage?: string
  readonly ResponseContentType?: string
  readonly ResponseExpires?: Date
}

/** What GET and HEAD answer, without the bytes, and which bytes they are. */
export async function describeRead(tx: Tx, input: ReadInput) {
  refuseCustomerKeys(input)
  const { bucket, version } = await requireVersion(tx, input)
  checkRead(input, version)
  const range = asked(input, version)
  const whole: Range = { start: 0, end: version.size - 1 }
  const { start, end } = range ?? whole
  const answer: Omit<GetObjectCommandOutput, 'Body' | '$metadata'> = {
    AcceptRanges: 'bytes',
    LastModified: version.modified_at,
    ContentLength: end - start + 1,
    ContentRange: range && version.size > 0 ? `bytes ${start}-${end}/${version.size}` : undefined,
    ETag: `"${version.etag}"`,
    VersionId: shownVersion(bucket, version),
    Metadata: version.metadata,
    ...shownHeaders(version),
    ...overrides(input),
    ...shownEncryption(version),
    ...shownChecksum(input, version, range),
    StorageClass: version.storage_class === 'STANDARD' ? undefined : (version.storage_class as 'STANDARD_IA'),
    TagCount: version.tags.length || undefined,
    PartsCount: input.PartNumber !== undefined && version.parts ? version.parts.length : undefined,
  }
  return { bucket, version, range: range ?? whole, answer }
}

/** The range that a Range header or a part's number stands for. */
function asked({ Range, PartNumber }: ReadInput, { size, parts }: ObjectVersion): Range | undefined {
  if (Range !== undefined && PartNumber !== undefined) {
    fail('InvalidRequest', { message: 'Cannot specify both Range header and partNumber query parameter' })
  }
  if (Range !== undefined) return readRange(Range, size)
  if (PartNumber === undefined) return undefined
  const list = parts ?? [[1, size, null] as const]
  let start = 0
  for (const [number, length] of list) {
    if (number === PartNumber) return { start, end: start + length - 1 }
    start += length
  }
  return fail('InvalidPartNumber', { fields: { ActualPartCount: list.length, PartNumberRequested: PartNumber } })
}

function shownChecksum(
  { ChecksumMode, PartNumber }: ReadInput,
  { checksum, parts }: ObjectVersion,
  range: Range | undefined,
) {
  if (ChecksumMode !== 'ENABLED' || !checksum) return {}
  const part = PartNumber === undefined ? undefined : parts?.find(([number]) => number === PartNumber)?.[2]
  if (part) return { [memberOf(checksum.algorithm)]: part, ChecksumType: checksum.type }
  if (range && !(PartNumber === 1 && !parts)) return {}
  return { [memberOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }
}

/** `response-content-type` and its sisters, which presigned links of browsers use. */
function overrides(input: ReadInput) {
  const asked = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}
