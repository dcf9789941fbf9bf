// GetBucketOwnershipControls, PutBucketOwnershipControls, DeleteBucketOwnershipControls: kept as written; ACLs stay disabled whatever they say.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteSetting, getSetting, putSetting, requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'

const KNOWN = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']

export const getBucketOwnershipControls: Handler<'s3', 'GetBucketOwnershipControls'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const controls = await getSetting(tx, name, 'ownership')
  if (!controls) return fail('OwnershipControlsNotFoundError', { fields: { BucketName: name } })
  return { OwnershipControls: controls }
}

// DEVIATES: with BucketOwnerPreferred and ObjectWriter, AWS takes ACLs that open objects to others; here they are refused by name.
export const putBucketOwnershipControls: Handler<'s3', 'PutBucketOwnershipControls'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const rules = input.OwnershipControls?.Rules ?? []
  if (rules.length !== 1 || !KNOWN.includes(rules[0]?.ObjectOwnership ?? '')) fail('MalformedXML')
  await putSetting(tx, name, 'ownership', { Rules: rules })
  return {}
}

export const deleteBucketOwnershipControls: Handler<'s3', 'DeleteBucketOwnershipControls'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'ownership')
  return {}
}
