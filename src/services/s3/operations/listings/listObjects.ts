// ListObjects, the first version: the marker is a key or common prefix in plain sight.

import type { Handler } from '../../../../operation/handler.ts'
import { requireBucket } from '../../buckets.ts'
import { objectsPage } from '../../listedObjects.ts'
import { listOptions } from '../../listing.ts'

export const listObjects: Handler<'s3', 'ListObjects'> = async ({ tx }, input) => {
  const bucket = await requireBucket(tx, input)
  const { limit, write, prefix } = listOptions(input)
  const page = await objectsPage(tx, bucket, input, input.Marker ?? '', true)
  return {
    Name: bucket.name,
    Prefix: write(prefix),
    Marker: write(input.Marker ?? ''),
    Delimiter: input.Delimiter && write(input.Delimiter),
    EncodingType: input.EncodingType,
    MaxKeys: limit,
    IsTruncated: page.next !== undefined,
    // AWS: "This element is returned only if you have the delimiter request parameter specified."
    NextMarker: page.next !== undefined && input.Delimiter ? write(page.next) : undefined,
    Contents: page.contents,
    CommonPrefixes: page.commonPrefixes,
  }
}
