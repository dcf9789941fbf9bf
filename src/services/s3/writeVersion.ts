// The one way an object comes to be: its place among the versions of its key, what it replaces, its event.

import type { Call } from '../../operation/call.ts'
import { adopt, release } from './blobs.ts'
import type { Bucket } from './buckets.ts'
import type { Change } from './changes.ts'
import { type Conditions, checkWrite } from './conditions.ts'
import { announce } from './events.ts'
import { dropNull, findLatest, insertVersion, lockKey, type NewVersion, type ObjectVersion } from './objects.ts'
import { orderedId } from './orderedIds.ts'

export interface Write {
  readonly bucket: Bucket
  readonly version: NewVersion
  readonly conditions: Conditions
  readonly change: Change
  /** The segments are of a blob that was just written and is in no book yet. */
  readonly fresh: boolean
}

/** Writes the version in the caller's transaction, which must hold the bucket. */
export async function writeVersion(call: Call, write: Write): Promise<ObjectVersion> {
  const { bucket, conditions, change } = write
  const { tx } = call
  const { key, segments } = write.version
  const position = await lockKey(tx, bucket.name, key)
  if (conditions.IfMatch !== undefined || conditions.IfNoneMatch !== undefined) {
    const latest = await findLatest(tx, bucket.name, key)
    checkWrite(conditions, latest?.delete_marker ? undefined : latest, key)
  }
  if (write.fresh && segments[0]) await adopt(tx, segments[0][0])
  const version: ObjectVersion = {
    ...write.version,
    bucket: bucket.name,
    version_id: bucket.versioning === 'Enabled' ? orderedId(position, call.ids) : 'null',
    position,
    latest: true,
    delete_marker: false,
  }
  const replaced = version.version_id === 'null' ? await dropNull(tx, bucket.name, key) : []
  await insertVersion(tx, version)
  await release(call, replaced)
  await announce(call, bucket, change, [version])
  return version
}

/** The time that objects show: whole seconds, as HTTP dates and S3's lists have them. */
export const modifiedAt = (now: Date) => new Date(Math.floor(now.getTime() / 1000) * 1000)
