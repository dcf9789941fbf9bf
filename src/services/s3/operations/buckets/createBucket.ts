// CreateBucket: names are unique over all accounts; the bucket lives in the endpoint's region or the one that is named.

import type { ObjectOwnership } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { checkAcl } from '../../accessControlLists.ts'
import { bucketArn, findBucket, insertBucket, type Settings } from '../../buckets.ts'
import { fail, failNotSupported } from '../../errors.ts'
import { isBucketName } from '../../names.ts'
import { checkBucketTags } from '../../tags.ts'

export const createBucket: Handler<'s3', 'CreateBucket'> = async (call, input) => {
  const { Bucket, CreateBucketConfiguration: configuration } = input
  if (!isBucketName(Bucket)) fail('InvalidBucketName', { fields: { BucketName: Bucket } })
  if (input.ObjectLockEnabledForBucket) failNotSupported('Object Lock')
  if (configuration?.Location ?? configuration?.Bucket) failNotSupported('directory buckets')
  checkAcl(input, call.scope.account)
  const region = readRegion(call.scope.region, configuration?.LocationConstraint)
  const tags = checkBucketTags(configuration?.Tags ?? [])
  const bucket = { name: Bucket, account: call.scope.account, region, created_at: call.now }
  if (!(await insertBucket(call.tx, bucket, firstSettings(input.ObjectOwnership, tags)))) {
    const existing = await findBucket(call.tx, Bucket)
    if (existing?.account !== call.scope.account) fail('BucketAlreadyExists', { fields: { BucketName: Bucket } })
    // AWS: in us-east-1 creating one's own bucket again is 200, elsewhere 409 [Amazon S3 API reference, ErrorResponses]
    if (existing.region !== 'us-east-1' || region !== 'us-east-1') {
      fail('BucketAlreadyOwnedByYou', { fields: { BucketName: Bucket } })
    }
  }
  return {
    Location: region === 'us-east-1' ? `/${Bucket}` : `${call.config.endpoint}/${Bucket}`,
    BucketArn: bucketArn(Bucket),
  }
}

// AWS: since April 2023 new buckets block public access and have ACLs disabled [Amazon S3 user guide, create-bucket-faq].
function firstSettings(
  ObjectOwnership: ObjectOwnership = 'BucketOwnerEnforced',
  tags: Settings['tagging'] = [],
): Settings {
  return {
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    ownership: { Rules: [{ ObjectOwnership }] },
    ...(tags.length > 0 ? { tagging: tags } : {}),
  }
}

/** The rules of LocationConstraint: us-east-1 takes any region, the others only their own, and us-east-1 is never named. */
function readRegion(endpoint: string, constraint: string | undefined): string {
  if (constraint === undefined || constraint === '') {
    if (endpoint === 'us-east-1') return endpoint
    return fail('IllegalLocationConstraintException')
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint
  if (region === 'us-east-1' || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    fail('InvalidLocationConstraint', { fields: { LocationConstraint: constraint } })
  }
  if (endpoint !== 'us-east-1' && region !== endpoint) {
    const message = `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`
    fail('IllegalLocationConstraintException', { message })
  }
  return region
}
