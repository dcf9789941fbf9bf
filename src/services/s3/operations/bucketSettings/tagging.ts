// GetBucketTagging, PutBucketTagging, DeleteBucketTagging.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteSetting, getSetting, putSetting, requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'
import { checkBucketTags } from '../../tags.ts'

export const getBucketTagging: Handler<'s3', 'GetBucketTagging'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const tags = (await getSetting(tx, name, 'tagging')) ?? []
  return tags.length === 0 ? fail('NoSuchTagSet', { fields: { BucketName: name } }) : { TagSet: [...tags] }
}

export const putBucketTagging: Handler<'s3', 'PutBucketTagging'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await putSetting(tx, name, 'tagging', checkBucketTags(input.Tagging?.TagSet ?? []))
  return {}
}

export const deleteBucketTagging: Handler<'s3', 'DeleteBucketTagging'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'tagging')
  return {}
}
