// Versions of objects: one row each. Writers of one key take turns (lockKey), so `latest` is always exactly one of them.

import type { Tx } from '../../store/tx.ts'
import type { Bucket } from './buckets.ts'
import type { Checksum } from './checksums/algorithms.ts'
import type { Segment } from './ranges.ts'

export interface ObjectVersion {
  readonly bucket: string
  readonly key: string
  readonly version_id: string
  readonly position: number
  readonly latest: boolean
  readonly delete_marker: boolean
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly modified_at: Date
  readonly storage_class: string
  /** Members of GetObjectOutput: ContentType, CacheControl, ServerSideEncryption ... */
  readonly headers: Readonly<Record<string, any>>
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly checksum: Checksum | null
  readonly segments: readonly Segment[]
  /** Of objects that were uploaded in parts: [number, size, checksum]. */
  readonly parts: readonly StoredPart[] | null
  /** What the bytes are encrypted with; null when they are stored as they are. */
  readonly data_key: SealedKey | null
}
export type StoredPart = readonly [number: number, size: number, checksum: string | null]

/** A data key as it is stored. */
export interface SealedKey {
  /** Base64 of KMS's ciphertext. */
  readonly blob: string
  /** The encryption context that opens it again. */
  readonly context: Readonly<Record<string, string>>
}

export interface Tag {
  readonly Key: string
  readonly Value: string
}

/** What a writer brings; the rest follows from the bucket. */
export type NewVersion = Omit<ObjectVersion, 'bucket' | 'version_id' | 'position' | 'latest' | 'delete_marker'>

/** Waits for other writers of `key`, and gives this one its place in the order of versions. */
export async function lockKey(tx: Tx, bucket: string, key: string): Promise<number> {
  const row = await tx.one<{ position: number }>`
    select pg_advisory_xact_lock(hashtextextended(${`${bucket}/${key}`}, 0)), nextval('s3.position') as position`
  return row!.position
}

/** The current version, which may be a delete marker. */
export async function findLatest(tx: Tx, bucket: string, key: string): Promise<ObjectVersion | undefined> {
  return tx.one<ObjectVersion>`
    select * from s3.objects where bucket = ${bucket} and key = ${key} order by position desc limit 1`
}

export async function findVersion(
  tx: Tx,
  bucket: string,
  key: string,
  versionId: string,
): Promise<ObjectVersion | undefined> {
  return tx.one<ObjectVersion>`
    select * from s3.objects where bucket = ${bucket} and key = ${key} and version_id = ${versionId}`
}

/** Puts a version in front of all others of its key. A 'null' version takes the place of the one before: see `dropNull`. */
export async function insertVersion(tx: Tx, version: ObjectVersion): Promise<void> {
  const { bucket, key } = version
  await tx.run`update s3.objects set latest = false where bucket = ${bucket} and key = ${key} and latest`
  await tx.run`
    insert into s3.objects (bucket, key, version_id, position, latest, delete_marker, size, etag, modified_at,
      storage_class, headers, metadata, tags, checksum, segments, parts, data_key)
    values (${bucket}, ${key}, ${version.version_id}, ${version.position}, true, ${version.delete_marker},
      ${version.size}, ${version.etag}, ${version.modified_at}, ${version.storage_class},
      ${JSON.stringify(version.headers)}, ${JSON.stringify(version.metadata)}, ${JSON.stringify(version.tags)},
      ${version.checksum && JSON.stringify(version.checksum)}, ${JSON.stringify(version.segments)},
      ${version.parts && JSON.stringify(version.parts)}, ${version.data_key && JSON.stringify(version.data_key)})`
}

/** Removes the version without an id, which the next one of its kind replaces; answers what it used. */
export async function dropNull(tx: Tx, bucket: string, key: string): Promise<readonly Segment[]> {
  const row = await tx.one<Pick<ObjectVersion, 'segments'>>`
    delete from s3.objects where bucket = ${bucket} and key = ${key} and version_id = 'null' returning segments`
  return row?.segments ?? []
}

export async function setTags(tx: Tx, version: ObjectVersion, tags: readonly Tag[]): Promise<void> {
  await tx.run`
    update s3.objects set tags = ${JSON.stringify(tags)}
    where bucket = ${version.bucket} and key = ${version.key} and version_id = ${version.version_id}`
}

/** Changes how a version is encrypted and nothing else; false when it is not any more what was read. */
export async function replaceEncryption(
  tx: Tx,
  read: ObjectVersion,
  { headers, data_key, segments }: Pick<ObjectVersion, 'headers' | 'data_key' | 'segments'>,
): Promise<boolean> {
  const changed = await tx.run`
    update s3.objects set headers = ${JSON.stringify(headers)}, segments = ${JSON.stringify(segments)},
      data_key = ${data_key && JSON.stringify(data_key)}
    where bucket = ${read.bucket} and key = ${read.key} and position = ${read.position}
      and data_key is not distinct from ${read.data_key && JSON.stringify(read.data_key)}::jsonb`
  return changed === 1
}

/** The version id as answers show it: buckets that never had versioning show none. */
export const shownVersion = (bucket: Pick<Bucket, 'versioning'>, version: Pick<ObjectVersion, 'version_id'>) =>
  bucket.versioning === null ? undefined : version.version_id
