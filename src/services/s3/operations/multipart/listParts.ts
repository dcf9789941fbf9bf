// ListParts: what has arrived of one upload, by number.

import type { Handler } from '../../../../operation/handler.ts'
import { requireBucket } from '../../buckets.ts'
import { openKey } from '../../dataKeys.ts'
import { failArgument } from '../../errors.ts'
import { owner } from '../../owners.ts'
import { listParts as partsOf, requireUpload } from '../../uploads.ts'
import { shownPartChecksum } from './uploadPart.ts'

export const listParts: Handler<'s3', 'ListParts'> = async (call, input) => {
  const { tx } = call
  const bucket = await requireBucket(tx, input)
  const upload = await requireUpload(tx, input)
  // AWS: "you must have permission to the kms:Decrypt action for the ListParts request to succeed" [Amazon S3 API reference, ListParts].
  await openKey(call, bucket, upload)
  const { MaxParts = 1000, PartNumberMarker = '0' } = input
  if (MaxParts < 0)
    failArgument('max-parts', MaxParts, 'Argument max-parts must be an integer between 0 and 2147483647')
  const marker = Number(PartNumberMarker)
  if (!Number.isInteger(marker) || marker < 0) {
    failArgument(
      'part-number-marker',
      PartNumberMarker,
      'Argument part-number-marker must be an integer between 0 and 2147483647',
    )
  }
  const limit = Math.min(MaxParts, 1000)
  const rows = await partsOf(tx, upload.id, marker, limit + 1)
  const page = rows.slice(0, limit)
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    Initiator: upload.initiator,
    Owner: owner(bucket.account),
    StorageClass: upload.storage_class as 'STANDARD',
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    MaxParts: limit,
    IsTruncated: rows.length > limit,
    ChecksumAlgorithm: upload.checksum_algorithm ?? undefined,
    ChecksumType: upload.checksum_type ?? undefined,
    Parts: page.map(part => ({
      PartNumber: part.number,
      LastModified: part.modified_at,
      ETag: `"${part.etag}"`,
      Size: part.size,
      ...shownPartChecksum(upload, part),
    })),
  }
}
