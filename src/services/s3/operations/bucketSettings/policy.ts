// GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { checkPolicy } from '../../bucketPolicy.ts'
import { bucketArn, deleteSetting, getSetting, putSetting, requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'
import { isPublicPolicy } from '../../publicPolicy.ts'

export const getBucketPolicy: Handler<'s3', 'GetBucketPolicy'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const Policy = await getSetting(tx, name, 'policy')
  return Policy === undefined ? fail('NoSuchBucketPolicy', { fields: { BucketName: name } }) : { Policy }
}

export const putBucketPolicy: Handler<'s3', 'PutBucketPolicy'> = async (call, input) => {
  const { name } = await requireBucket(call.tx, input)
  const policy = input.Policy ?? ''
  checkPolicy(policy, name)
  const block = await getSetting(call.tx, name, 'publicAccessBlock')
  if (block?.BlockPublicPolicy && isPublicPolicy(policy)) {
    const message = `User: ${principalArn(call.principal)} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(name)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`
    fail('AccessDenied', { message })
  }
  await putSetting(call.tx, name, 'policy', policy)
  return {}
}

export const deleteBucketPolicy: Handler<'s3', 'DeleteBucketPolicy'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'policy')
  return {}
}

export const getBucketPolicyStatus: Handler<'s3', 'GetBucketPolicyStatus'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const policy = await getSetting(tx, name, 'policy')
  if (policy === undefined) return fail('NoSuchBucketPolicy', { fields: { BucketName: name } })
  return { PolicyStatus: { IsPublic: isPublicPolicy(policy) } }
}
