// GetBucketLocation: the region, which for us-east-1 is nothing.

import type { Handler } from '../../../../operation/handler.ts'
import { requireBucket } from '../../buckets.ts'

export const getBucketLocation: Handler<'s3', 'GetBucketLocation'> = async ({ tx }, input) => {
  const { region } = await requireBucket(tx, input)
  // AWS: "Buckets in Region us-east-1 have a LocationConstraint of null."
  return { LocationConstraint: region === 'us-east-1' ? undefined : (region as 'eu-west-1') }
}
