// HeadBucket: is it there and may I; the region for clients that look for it.

import type { Handler } from '../../../../operation/handler.ts'
import { bucketArn, requireBucket } from '../../buckets.ts'

export const headBucket: Handler<'s3', 'HeadBucket'> = async ({ tx }, input) => {
  const bucket = await requireBucket(tx, input)
  return { BucketArn: bucketArn(bucket.name), BucketRegion: bucket.region, AccessPointAlias: false }
}
