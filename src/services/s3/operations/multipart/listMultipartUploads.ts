// ListMultipartUploads: uploads that are not over, by key and then by age.

import type { Handler } from '../../../../operation/handler.ts'
import { requireBucket } from '../../buckets.ts'
import { nameOf } from '../../listedObjects.ts'
import { listOptions, listUploads } from '../../listing.ts'
import { positionOf } from '../../orderedIds.ts'
import { owner } from '../../owners.ts'

export const listMultipartUploads: Handler<'s3', 'ListMultipartUploads'> = async ({ tx }, input) => {
  const bucket = await requireBucket(tx, input)
  const { limit, write, prefix, delimiter } = listOptions({ ...input, MaxKeys: input.MaxUploads })
  const { KeyMarker = '' } = input
  // AWS: "If key-marker is not specified, the upload-id-marker parameter is ignored."
  const at = KeyMarker && input.UploadIdMarker ? positionOf(input.UploadIdMarker) : undefined
  const query = { bucket: bucket.name, prefix, delimiter, after: KeyMarker, limit: limit + 1 }
  const entries = limit === 0 ? [] : await listUploads(tx, query, at)
  const page = entries.slice(0, limit)
  const last = entries.length > limit ? page.at(-1) : undefined
  return {
    Bucket: bucket.name,
    Prefix: write(prefix),
    Delimiter: input.Delimiter && write(input.Delimiter),
    KeyMarker: write(KeyMarker),
    UploadIdMarker: input.UploadIdMarker ?? '',
    EncodingType: input.EncodingType,
    MaxUploads: limit,
    IsTruncated: last !== undefined,
    NextKeyMarker: last && write(nameOf(last)),
    NextUploadIdMarker: last && 'row' in last ? last.row.id : undefined,
    Uploads: page.flatMap(entry => {
      if (!('row' in entry)) return []
      const { row } = entry
      return [
        {
          Key: write(row.key),
          UploadId: row.id,
          Initiated: row.initiated_at,
          Initiator: row.initiator,
          Owner: owner(bucket.account),
          StorageClass: row.storage_class as 'STANDARD',
          ChecksumAlgorithm: (row.checksum_algorithm ?? undefined) as 'CRC32' | undefined,
          ChecksumType: (row.checksum_type ?? undefined) as 'COMPOSITE' | undefined,
        },
      ]
    }),
    CommonPrefixes: page.flatMap(entry => ('prefix' in entry ? [{ Prefix: write(entry.prefix) }] : [])),
  }
}
