// GetPublicAccessBlock, PutPublicAccessBlock, DeletePublicAccessBlock.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteSetting, getSetting, putSetting, requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'

export const getPublicAccessBlock: Handler<'s3', 'GetPublicAccessBlock'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const block = await getSetting(tx, name, 'publicAccessBlock')
  if (!block) return fail('NoSuchPublicAccessBlockConfiguration', { fields: { BucketName: name } })
  return { PublicAccessBlockConfiguration: block }
}

export const putPublicAccessBlock: Handler<'s3', 'PutPublicAccessBlock'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const asked = input.PublicAccessBlockConfiguration ?? {}
  await putSetting(tx, name, 'publicAccessBlock', {
    BlockPublicAcls: asked.BlockPublicAcls ?? false,
    IgnorePublicAcls: asked.IgnorePublicAcls ?? false,
    BlockPublicPolicy: asked.BlockPublicPolicy ?? false,
    RestrictPublicBuckets: asked.RestrictPublicBuckets ?? false,
  })
  return {}
}

export const deletePublicAccessBlock: Handler<'s3', 'DeletePublicAccessBlock'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'publicAccessBlock')
  return {}
}
