// GetBucketAcl, PutBucketAcl: the owner has full control and that cannot be changed.

import type { Handler } from '../../../../operation/handler.ts'
import { checkAcl, ownersAcl } from '../../accessControlLists.ts'
import { requireBucket } from '../../buckets.ts'

export const getBucketAcl: Handler<'s3', 'GetBucketAcl'> = async ({ tx }, input) =>
  ownersAcl((await requireBucket(tx, input)).account)

export const putBucketAcl: Handler<'s3', 'PutBucketAcl'> = async ({ tx }, input) => {
  checkAcl(input, (await requireBucket(tx, input)).account)
  return {}
}
