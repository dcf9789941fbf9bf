// DeleteObject: a delete marker where versions are kept, else the object; a version for good when it is named.

import type { Handler } from '../../../../operation/handler.ts'
import { holdBucket } from '../../buckets.ts'
import { checkWrite } from '../../conditions.ts'
import { deleteVersions } from '../../deleteVersions.ts'
import { failNotSupported } from '../../errors.ts'
import { checkKey } from '../../names.ts'
import { findLatest, findVersion, lockKey } from '../../objects.ts'
import { checkVersionId } from '../../readVersion.ts'

export const deleteObject: Handler<'s3', 'DeleteObject'> = async (call, input) => {
  const { Key, VersionId, IfMatch } = input
  checkKey(Key)
  if (VersionId !== undefined) checkVersionId(VersionId)
  if (input.IfMatchSize !== undefined || input.IfMatchLastModifiedTime !== undefined) {
    failNotSupported('conditions on size and time of deletions: only directory buckets have them')
  }
  const bucket = await holdBucket(call.tx, input)
  await lockKey(call.tx, bucket.name, Key)
  if (IfMatch !== undefined) {
    const found =
      VersionId === undefined
        ? await findLatest(call.tx, bucket.name, Key)
        : await findVersion(call.tx, bucket.name, Key, VersionId)
    checkWrite({ IfMatch }, found?.delete_marker ? undefined : found, Key)
  }
  const [deleted] = await deleteVersions(call, bucket, [{ Key, VersionId }])
  return { VersionId: deleted!.versionId, DeleteMarker: deleted!.marker || undefined }
}
