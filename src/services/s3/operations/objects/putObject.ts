// PutObject: the bytes first, then one transaction for the row, so a reader sees the old object or the new one.

import type { OpenHandler } from '../../../../operation/handler.ts'
import { attributesOf, shownEncryption } from '../../attributes.ts'
import { holdBucket, requireBucket } from '../../buckets.ts'
import { memberOf } from '../../checksums/algorithms.ts'
import { checkWrite } from '../../conditions.ts'
import { keyFor, shownContext } from '../../dataKeys.ts'
import { failNotSupported } from '../../errors.ts'
import { findLatest, shownVersion } from '../../objects.ts'
import { receive } from '../../receive.ts'
import { modifiedAt, writeVersion } from '../../writeVersion.ts'

/**
 * In process, `Body` is bytes, a text or a Readable. Call it from open operations and tasks: inside a transaction that is
 * rolled back later the object is gone as well, and its bytes stay until the daily sweep of leftovers.
 */
export const putObject: OpenHandler<'s3', 'PutObject'> = async (call, input) => {
  if (input.WriteOffsetBytes !== undefined) failNotSupported('appending to objects: only directory buckets have it')
  // Refuse before 5 GB have come in; the transaction at the end checks again.
  const found = await call.read(async ({ tx }) => {
    const bucket = await requireBucket(tx, input)
    const attributes = attributesOf(bucket, input)
    if (input.IfMatch === undefined && input.IfNoneMatch === undefined) return { bucket, attributes }
    const latest = await findLatest(tx, bucket.name, input.Key)
    checkWrite(input, latest?.delete_marker ? undefined : latest, input.Key)
    return { bucket, attributes }
  })
  const { stored, secret: key } = await keyFor(call, found.bucket, input.Key, found.attributes)
  return receive(call, input, { key }, ({ segments, size, etag, checksum: { algorithm, value } }) =>
    call.transaction(async inner => {
      const bucket = await holdBucket(inner.tx, input)
      const version = await writeVersion(inner, {
        bucket,
        version: {
          ...stored,
          key: input.Key,
          size,
          etag,
          modified_at: modifiedAt(inner.now),
          checksum: { algorithm, type: 'FULL_OBJECT', value },
          segments,
          parts: null,
        },
        conditions: input,
        change: { type: 'Object Created', reason: 'PutObject' },
        fresh: true,
      })
      return {
        ETag: `"${etag}"`,
        [memberOf(algorithm)]: value,
        ChecksumType: 'FULL_OBJECT',
        ...shownEncryption(version),
        ...shownContext(input, version),
        VersionId: shownVersion(bucket, version),
      }
    }),
  )
}
