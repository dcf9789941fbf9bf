// Deleting objects, one or a thousand at once: markers where the bucket keeps versions, rows and blobs where it does not.

import type { Call } from '../../operation/call.ts'
import { release } from './blobs.ts'
import type { Bucket } from './buckets.ts'
import type { Change, ChangedObject } from './changes.ts'
import { announce } from './events.ts'
import type { ObjectVersion } from './objects.ts'
import { orderedId } from './orderedIds.ts'
import { modifiedAt } from './writeVersion.ts'

export interface Deletion {
  readonly Key: string
  readonly VersionId?: string
}

/** What became of one deletion, as DeleteObject and DeleteObjects tell it. */
export interface Deleted {
  /** The version that is gone, or the new delete marker. */
  readonly versionId?: string
  /** A delete marker was made, or was what is gone. */
  readonly marker: boolean
}

type Reason = 'DeleteObject' | 'Lifecycle Expiration'
type Removed = Pick<
  ObjectVersion,
  'key' | 'version_id' | 'position' | 'latest' | 'delete_marker' | 'segments' | 'size' | 'etag'
>

/**
 * Deletes in the caller's transaction, which must have closed the bucket (closeBucket) or hold the only key's lock.
 * What is not there counts as deleted. Answers stand in the order of `deletions`.
 */
export async function deleteVersions(
  call: Call,
  bucket: Bucket,
  deletions: readonly Deletion[],
  reason: Reason = 'DeleteObject',
): Promise<Deleted[]> {
  const named = deletions.filter(deletion => deletion.VersionId !== undefined)
  const current = [...new Set(deletions.filter(deletion => deletion.VersionId === undefined).map(({ Key }) => Key))]
  const gone = await removeNamed(call, bucket, named)
  const markers = bucket.versioning === null ? undefined : await addMarkers(call, bucket, current, reason)
  const removed = markers ? [] : await removeNull(call, bucket, current)
  await release(
    call,
    [...gone.values(), ...removed].flatMap(version => version.segments),
  )
  const permanent: Change = { type: 'Object Deleted', reason, deletion: 'Permanently Deleted' }
  await announce(call, bucket, permanent, [...gone.values(), ...removed])
  return deletions.map(({ Key, VersionId }) => {
    if (VersionId === undefined) return { versionId: markers?.get(Key), marker: markers !== undefined }
    return { versionId: VersionId, marker: gone.get(`${VersionId} ${Key}`)?.delete_marker ?? false }
  })
}

async function removeNamed(call: Call, bucket: Bucket, named: readonly Deletion[]): Promise<Map<string, Removed>> {
  if (named.length === 0) return new Map()
  const { tx } = call
  const rows = await tx.rows<Removed>`
    delete from s3.objects o using unnest(${named.map(({ Key }) => Key)}::text[], ${named.map(one => one.VersionId)}::text[]) as d(key, version)
    where o.bucket = ${bucket.name} and o.key = d.key and o.version_id = d.version
    returning o.key, o.version_id, o.position, o.latest, o.delete_marker, o.segments, o.size, o.etag`
  const headless = rows.filter(row => row.latest).map(row => row.key)
  if (headless.length > 0) {
    await tx.run`
      update s3.objects o set latest = true
      from (select distinct on (key) key, position from s3.objects
            where bucket = ${bucket.name} and key = any(${headless}::text[]) order by key, position desc) newest
      where o.bucket = ${bucket.name} and o.key = newest.key and o.position = newest.position`
  }
  return new Map(rows.map(row => [`${row.version_id} ${row.key}`, row]))
}

async function removeNull(call: Call, bucket: Bucket, keys: readonly string[]): Promise<Removed[]> {
  if (keys.length === 0) return []
  return call.tx.rows<Removed>`
    delete from s3.objects where bucket = ${bucket.name} and key = any(${keys}::text[]) and version_id = 'null'
    returning key, version_id, position, latest, delete_marker, segments, size, etag`
}

/** Delete markers: with ids of their own, or (versioning suspended) in the place of the null version. */
async function addMarkers(
  call: Call,
  bucket: Bucket,
  keys: readonly string[],
  reason: Reason,
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const { tx } = call
  const suspended = bucket.versioning === 'Suspended'
  const replaced = suspended ? await removeNull(call, bucket, keys) : []
  await tx.run`update s3.objects set latest = false where bucket = ${bucket.name} and key = any(${keys}::text[]) and latest`
  const places = await tx.rows<{ position: number }>`
    select nextval('s3.position') as position from generate_series(1, ${keys.length}::int)`
  const positions = places.map(({ position }) => position)
  const ids = positions.map(position => (suspended ? 'null' : orderedId(position, call.ids)))
  await tx.run`
    insert into s3.objects (bucket, key, version_id, position, latest, delete_marker, size, etag, modified_at,
      storage_class, headers, metadata, tags, segments)
    select ${bucket.name}, m.key, m.id, m.position, true, true, 0, '', ${modifiedAt(call.now)}, 'STANDARD', '{}', '{}', '[]', '[]'
    from unnest(${keys}::text[], ${ids}::text[], ${positions}::bigint[]) as m(key, id, position)`
  await release(
    call,
    replaced.flatMap(version => version.segments),
  )
  const markers: ChangedObject[] = keys.map((key, index) => ({
    key,
    size: 0,
    etag: '',
    version_id: ids[index]!,
    position: positions[index]!,
  }))
  await announce(call, bucket, { type: 'Object Deleted', reason, deletion: 'Delete Marker Created' }, markers)
  return new Map(keys.map((key, index) => [key, ids[index]!]))
}
