// Multipart uploads and their parts.

import type { Tx } from '../../store/tx.ts'
import type { Attributes } from './attributes.ts'
import type { Algorithm, ChecksumType } from './checksums/algorithms.ts'
import { fail } from './errors.ts'
import type { ObjectVersion } from './objects.ts'
import type { Segment } from './ranges.ts'

export interface Upload extends Pick<ObjectVersion, 'headers' | 'metadata' | 'tags' | 'storage_class' | 'data_key'> {
  readonly id: string
  readonly position: number
  readonly bucket: string
  readonly key: string
  readonly initiated_at: Date
  readonly initiator: { readonly ID: string }
  /** Null when the caller did not say: the parts then get CRC64NVME. */
  readonly checksum_algorithm: Algorithm | null
  readonly checksum_type: ChecksumType | null
  /** The answer of CompleteMultipartUpload, once that was given. */
  readonly completed: any
}

export interface Part {
  readonly number: number
  readonly size: number
  /** Hex of the MD5. */
  readonly etag: string
  readonly modified_at: Date
  readonly checksum: { readonly algorithm: Algorithm; readonly value: string } | null
  readonly segments: readonly Segment[]
}

export interface UploadInput {
  readonly Bucket?: string
  readonly Key?: string
  readonly UploadId?: string
}

/** Its place in the order of uploads. */
export async function nextPosition(tx: Tx): Promise<number> {
  return (await tx.one<{ position: number }>`select nextval('s3.position') as position`)!.position
}

export async function insertUpload(tx: Tx, upload: Omit<Upload, 'completed'> & Attributes): Promise<void> {
  await tx.run`
    insert into s3.uploads (id, position, bucket, key, initiated_at, initiator, storage_class, headers, metadata, tags,
      checksum_algorithm, checksum_type, data_key)
    values (${upload.id}, ${upload.position}, ${upload.bucket}, ${upload.key}, ${upload.initiated_at},
      ${JSON.stringify(upload.initiator)}, ${upload.storage_class}, ${JSON.stringify(upload.headers)},
      ${JSON.stringify(upload.metadata)}, ${JSON.stringify(upload.tags)}, ${upload.checksum_algorithm}, ${upload.checksum_type},
      ${upload.data_key && JSON.stringify(upload.data_key)})`
}

/** What an upload's parts are encrypted with, in the words of its requests. */
export async function findEncryption(tx: Tx, { Bucket, Key, UploadId }: UploadInput) {
  const row = await tx.one<Pick<Upload, 'headers'>>`
    select headers from s3.uploads where id = ${UploadId} and bucket = ${Bucket} and key = ${Key}`
  if (!row) return undefined
  const { ServerSideEncryption, SSEKMSKeyId } = row.headers
  return { ServerSideEncryption, SSEKMSKeyId }
}

/** The open upload; NoSuchUpload when there is none, or it is over. */
export async function requireUpload(tx: Tx, input: UploadInput): Promise<Upload> {
  const { Bucket, Key, UploadId } = input
  return opened(
    input,
    await tx.one<Upload>`select * from s3.uploads where id = ${UploadId} and bucket = ${Bucket} and key = ${Key}`,
  )
}

/** The upload, open or completed; nobody adds parts to it, completes or aborts it until the transaction ends. */
export async function lockUpload(tx: Tx, { Bucket, Key, UploadId }: UploadInput): Promise<Upload | undefined> {
  return tx.one<Upload>`select * from s3.uploads where id = ${UploadId} and bucket = ${Bucket} and key = ${Key} for update`
}

/** The upload stays while the transaction adds a part. */
export async function holdUpload(tx: Tx, input: UploadInput): Promise<Upload> {
  const { Bucket, Key, UploadId } = input
  const upload = await tx.one<Upload>`
    select * from s3.uploads where id = ${UploadId} and bucket = ${Bucket} and key = ${Key} for share`
  return opened(input, upload)
}

function opened({ UploadId }: UploadInput, upload: Upload | undefined): Upload {
  if (!upload || upload.completed) return fail('NoSuchUpload', { fields: { UploadId } })
  return upload
}

/** Writes the part; answers the segments of the one with the same number that it replaces. */
export async function putPart(tx: Tx, upload: string, part: Part): Promise<readonly Segment[]> {
  const replaced = await tx.one<Pick<Part, 'segments'>>`
    delete from s3.parts where upload = ${upload} and number = ${part.number} returning segments`
  await tx.run`
    insert into s3.parts (upload, number, size, etag, modified_at, checksum, segments)
    values (${upload}, ${part.number}, ${part.size}, ${part.etag}, ${part.modified_at},
      ${part.checksum && JSON.stringify(part.checksum)}, ${JSON.stringify(part.segments)})`
  return replaced?.segments ?? []
}

export async function listParts(tx: Tx, upload: string, after: number, limit: number): Promise<Part[]> {
  return tx.rows<Part>`
    select number, size, etag, modified_at, checksum, segments from s3.parts
    where upload = ${upload} and number > ${after} order by number limit ${limit}`
}

/** AWS: part numbers are 1 to 10,000 [Amazon S3 user guide, qfacts]. */
export const MOST_PARTS = 10_000

export const allParts = (tx: Tx, upload: string) => listParts(tx, upload, 0, MOST_PARTS)

/** Keeps the answer for clients that did not hear it; the parts are gone. */
export async function completeUpload(tx: Tx, id: string, answer: object, now: Date): Promise<void> {
  await tx.run`delete from s3.parts where upload = ${id}`
  await tx.run`update s3.uploads set completed = ${JSON.stringify(answer)}, completed_at = ${now} where id = ${id}`
}

/** Removes the upload and its parts, whose segments it answers. */
export async function deleteUpload(tx: Tx, id: string): Promise<readonly Segment[]> {
  const parts = await tx.rows<Pick<Part, 'segments'>>`delete from s3.parts where upload = ${id} returning segments`
  await tx.run`delete from s3.uploads where id = ${id}`
  return parts.flatMap(part => part.segments)
}

/** Forgets answers that nobody will ask for again. */
export async function forgetCompleted(tx: Tx, before: Date): Promise<void> {
  await tx.run`delete from s3.uploads where completed_at < ${before}`
}

/** All of a bucket that goes away. */
export async function deleteUploadsOf(tx: Tx, bucket: string): Promise<readonly Segment[]> {
  const parts = await tx.rows<Pick<Part, 'segments'>>`
    delete from s3.parts using s3.uploads where upload = id and bucket = ${bucket} returning segments`
  await tx.run`delete from s3.uploads where bucket = ${bucket}`
  return parts.flatMap(part => part.segments)
}
