// DeleteObjects: up to 1,000 keys in a few statements.

import type { DeletedObject } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { closeBucket } from '../../buckets.ts'
import { deleteVersions } from '../../deleteVersions.ts'
import { fail } from '../../errors.ts'
import { checkKey } from '../../names.ts'
import { checkVersionId } from '../../readVersion.ts'

/** AWS: "You can specify up to 1000 keys" [Amazon S3 API reference, DeleteObjects]; more are MalformedXML. */
const MOST_KEYS = 1000

// DEVIATES: a key that the caller may not delete refuses the whole request; AWS reports AccessDenied for that key alone.
export const deleteObjects: Handler<'s3', 'DeleteObjects'> = async (call, input) => {
  const objects = input.Delete?.Objects ?? []
  if (objects.length === 0 || objects.length > MOST_KEYS) fail('MalformedXML')
  const deletions = objects.map(({ Key, VersionId }) => {
    if (!Key) return fail('MalformedXML')
    checkKey(Key)
    if (VersionId !== undefined) checkVersionId(VersionId)
    return { Key, VersionId }
  })
  const bucket = await closeBucket(call.tx, input)
  const deleted = await deleteVersions(call, bucket, deletions)
  if (input.Delete?.Quiet) return {}
  return { Deleted: deletions.map(({ Key, VersionId }, index) => shown(Key, VersionId, deleted[index]!)) }
}

function shown(
  Key: string,
  VersionId: string | undefined,
  { versionId, marker }: { versionId?: string; marker: boolean },
): DeletedObject {
  if (!marker) return { Key, VersionId }
  return { Key, VersionId, DeleteMarker: true, DeleteMarkerVersionId: versionId }
}
