// Buckets and their settings: names, regions, owners, policies, and what is not there.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { s3 } from './index.ts'

const published: any[] = []
let house: TestHouse
beforeAll(async () => {
  house = await openHouse({
    services: [s3],
    answers: {
      'sns.Publish': async input => {
        published.push(input)
        return { MessageId: 'm' }
      },
    },
  })
})
afterAll(() => house.close())

let count = 0
async function bucket(): Promise<string> {
  const Bucket = `settings-${++count}`
  await house.invoke('s3', 'CreateBucket', { Bucket })
  return Bucket
}
const stranger: Principal = { type: 'root', account: '111111111111', arn: 'arn:aws:iam::111111111111:root' }
const theirs = () => house.as(stranger, { account: '111111111111', region: 'us-east-1' })

describe('creating a bucket', () => {
  test.each(['ab', 'Upper', 'under_score', '-a-', 'a..b', '10.0.0.1', 'xn--abc', 'x'.repeat(64), 'a-s3alias'])(
    'refuses the name %s',
    async Bucket => {
      await expect(house.invoke('s3', 'CreateBucket', { Bucket })).rejects.toMatchObject({ code: 'InvalidBucketName' })
    },
  )

  test('again is fine for its owner in us-east-1, and nowhere else', async () => {
    const Bucket = await bucket()
    await house.invoke('s3', 'CreateBucket', { Bucket })
    await expect(theirs().invoke('s3', 'CreateBucket', { Bucket })).rejects.toMatchObject({
      code: 'BucketAlreadyExists',
      status: 409,
    })
    const west = { Bucket: 'western', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' as const } }
    await house.invoke('s3', 'CreateBucket', west)
    await expect(house.invoke('s3', 'CreateBucket', west)).rejects.toMatchObject({ code: 'BucketAlreadyOwnedByYou' })
    expect(await house.invoke('s3', 'GetBucketLocation', { Bucket: 'western' })).toEqual({
      LocationConstraint: 'us-west-2',
    })
    expect(await house.invoke('s3', 'HeadBucket', { Bucket: 'western' })).toMatchObject({ BucketRegion: 'us-west-2' })
  })

  test('follows the rules of location constraints', async () => {
    const at = (region: string, LocationConstraint?: any) =>
      house
        .as(
          { type: 'root', account: '000000000000', arn: 'arn:aws:iam::000000000000:root' },
          { account: '000000000000', region },
        )
        .invoke('s3', 'CreateBucket', {
          Bucket: `located-${++count}`,
          CreateBucketConfiguration: { LocationConstraint },
        })
    await at('eu-west-1', 'eu-west-1')
    await expect(at('eu-west-1')).rejects.toMatchObject({ code: 'IllegalLocationConstraintException' })
    await expect(at('eu-west-1', 'us-west-2')).rejects.toMatchObject({ code: 'IllegalLocationConstraintException' })
    await expect(at('us-east-1', 'us-east-1')).rejects.toMatchObject({ code: 'InvalidLocationConstraint' })
  })

  test('is undone only when it is empty, versions included', async () => {
    const Bucket = await bucket()
    await house.invoke('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'never-there' })
    await expect(house.invoke('s3', 'DeleteBucket', { Bucket })).rejects.toMatchObject({
      code: 'BucketNotEmpty',
      status: 409,
    })
    const { DeleteMarkers = [] } = await house.invoke('s3', 'ListObjectVersions', { Bucket })
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'never-there', VersionId: DeleteMarkers[0]!.VersionId })
    const { UploadId } = await house.invoke('s3', 'CreateMultipartUpload', { Bucket, Key: 'k' })
    await house.invoke('s3', 'UploadPart', { Bucket, Key: 'k', UploadId: UploadId!, PartNumber: 1, Body: 'x' })
    await house.invoke('s3', 'DeleteBucket', { Bucket })
    await expect(house.invoke('s3', 'HeadBucket', { Bucket })).rejects.toMatchObject({ code: 'NoSuchBucket' })
  })
})

describe('other accounts', () => {
  const policy = (Bucket: string, principal: unknown, more: object = {}) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: principal,
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${Bucket}/*`,
          ...more,
        },
      ],
    })

  test("are kept out until the bucket's policy lets them in", async () => {
    const Bucket = await bucket()
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'k', Body: 'x' })
    await expect(theirs().invoke('s3', 'GetObject', { Bucket, Key: 'k' })).rejects.toMatchObject({
      code: 'AccessDenied',
      status: 403,
    })
    await house.invoke('s3', 'PutBucketPolicy', { Bucket, Policy: policy(Bucket, { AWS: '111111111111' }) })
    expect((await theirs().invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).ContentLength).toBe(1)
    await expect(theirs().invoke('s3', 'PutObject', { Bucket, Key: 'k', Body: 'y' })).rejects.toMatchObject({
      code: 'AccessDenied',
    })
    await expect(theirs().invoke('s3', 'ListObjectsV2', { Bucket })).rejects.toMatchObject({ code: 'AccessDenied' })
  })

  test('and everybody else only when public policies are not blocked', async () => {
    const Bucket = await bucket()
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'k', Body: 'x' })
    const Policy = policy(Bucket, '*')
    await expect(house.invoke('s3', 'PutBucketPolicy', { Bucket, Policy })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('because public policies are prevented by the BlockPublicPolicy setting'),
    })
    await house.invoke('s3', 'DeletePublicAccessBlock', { Bucket })
    await house.invoke('s3', 'PutBucketPolicy', { Bucket, Policy })
    expect(await house.invoke('s3', 'GetBucketPolicyStatus', { Bucket })).toEqual({ PolicyStatus: { IsPublic: true } })
    const nobody = house.as({ type: 'anonymous', account: 'anonymous' })
    expect((await nobody.invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).ContentLength).toBe(1)
    await house.invoke('s3', 'PutPublicAccessBlock', {
      Bucket,
      PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
    })
    await expect(nobody.invoke('s3', 'HeadObject', { Bucket, Key: 'k' })).rejects.toMatchObject({
      code: 'AccessDenied',
    })
  })

  test('that are expected but do not own the bucket are refused', async () => {
    const Bucket = await bucket()
    await expect(
      house.invoke('s3', 'GetBucketVersioning', { Bucket, ExpectedBucketOwner: '111111111111' }),
    ).rejects.toMatchObject({ code: 'AccessDenied' })
  })

  test.each([
    ['nonsense', "Policies must be valid JSON and the first byte must be '{'"],
    [JSON.stringify({ Statement: [] }), 'Missing required field Statement'],
    [
      JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }),
      'Missing required field Principal',
    ],
    [
      JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 'ec2:*', Resource: '*' } }),
      'Policy has invalid action',
    ],
    [
      JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' } }),
      'Policy has invalid resource',
    ],
  ])('%s is a malformed policy', async (Policy, message) => {
    const Bucket = await bucket()
    await expect(house.invoke('s3', 'PutBucketPolicy', { Bucket, Policy })).rejects.toMatchObject({
      code: 'MalformedPolicy',
      message,
    })
  })
})

describe('a new bucket', () => {
  test('has what AWS gives new buckets, and says of the rest that it is not there', async () => {
    const Bucket = await bucket()
    expect(await house.invoke('s3', 'GetPublicAccessBlock', { Bucket })).toMatchObject({
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    })
    expect(await house.invoke('s3', 'GetBucketOwnershipControls', { Bucket })).toEqual({
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    })
    expect(await house.invoke('s3', 'GetBucketEncryption', { Bucket })).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    })
    expect(await house.invoke('s3', 'GetBucketVersioning', { Bucket })).toEqual({ Status: undefined })
    expect((await house.invoke('s3', 'GetBucketAcl', { Bucket })).Grants).toMatchObject([
      { Permission: 'FULL_CONTROL' },
    ])
    const missing = [
      ['GetBucketPolicy', 'NoSuchBucketPolicy'],
      ['GetBucketTagging', 'NoSuchTagSet'],
      ['GetBucketCors', 'NoSuchCORSConfiguration'],
      ['GetBucketLifecycleConfiguration', 'NoSuchLifecycleConfiguration'],
      ['GetBucketWebsite', 'NoSuchWebsiteConfiguration'],
      ['GetBucketReplication', 'ReplicationConfigurationNotFoundError'],
      ['GetObjectLockConfiguration', 'ObjectLockConfigurationNotFoundError'],
    ] as const
    for (const [operation, code] of missing) {
      await expect(house.invoke('s3', operation, { Bucket })).rejects.toMatchObject({
        code,
        status: 404,
        fields: { BucketName: Bucket },
      })
    }
    await house.invoke('s3', 'DeletePublicAccessBlock', { Bucket })
    await house.invoke('s3', 'DeleteBucketOwnershipControls', { Bucket })
    await expect(house.invoke('s3', 'GetPublicAccessBlock', { Bucket })).rejects.toMatchObject({
      code: 'NoSuchPublicAccessBlockConfiguration',
    })
    await expect(house.invoke('s3', 'GetBucketOwnershipControls', { Bucket })).rejects.toMatchObject({
      code: 'OwnershipControlsNotFoundError',
    })
  })

  test('keeps tags, CORS rules and private ACLs, and refuses to be opened by an ACL', async () => {
    const Bucket = await bucket()
    const TagSet = [{ Key: 'cost', Value: 'center 1' }]
    await house.invoke('s3', 'PutBucketTagging', { Bucket, Tagging: { TagSet } })
    expect(await house.invoke('s3', 'GetBucketTagging', { Bucket })).toEqual({ TagSet })
    const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }]
    await house.invoke('s3', 'PutBucketCors', { Bucket, CORSConfiguration: { CORSRules } })
    expect(await house.invoke('s3', 'GetBucketCors', { Bucket })).toEqual({ CORSRules })
    await house.invoke('s3', 'PutBucketAcl', { Bucket, ACL: 'private' })
    await expect(house.invoke('s3', 'PutBucketAcl', { Bucket, ACL: 'public-read' })).rejects.toMatchObject({
      code: 'AccessControlListNotSupported',
      message: 'The bucket does not allow ACLs',
    })
  })
})

describe('notifications', () => {
  test('go to the topics whose events and filters match, after a test message', async () => {
    const Bucket = await bucket()
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:uploads'
    const FilterRules = [
      { Name: 'prefix' as const, Value: 'in/' },
      { Name: 'suffix' as const, Value: '.zip' },
    ]
    await house.invoke('s3', 'PutBucketNotificationConfiguration', {
      Bucket,
      NotificationConfiguration: {
        TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules } } }],
      },
    })
    expect(JSON.parse(published.at(-1).Message)).toMatchObject({ Event: 's3:TestEvent', Bucket })
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'in/a.txt', Body: 'x' })
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'in/a b.zip', Body: 'x' })
    await house.runJobs()
    expect(published).toHaveLength(2)
    expect(published.at(-1)).toMatchObject({ TopicArn, Subject: 'Amazon S3 Notification' })
    expect(JSON.parse(published.at(-1).Message).Records).toMatchObject([
      {
        eventName: 'ObjectCreated:Put',
        s3: {
          bucket: { name: Bucket },
          object: { key: 'in/a+b.zip', size: 1, eTag: '9dd4e461268c8034f5c8564e155c67a6' },
        },
      },
    ])
    const { TopicConfigurations } = await house.invoke('s3', 'GetBucketNotificationConfiguration', { Bucket })
    expect(TopicConfigurations).toMatchObject([{ Id: expect.any(String), TopicArn }])
  })

  test('to queues and functions are refused by name', async () => {
    const Bucket = await bucket()
    await expect(
      house.invoke('s3', 'PutBucketNotificationConfiguration', {
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn: 'arn:aws:sqs:us-east-1:1:q', Events: ['s3:ObjectCreated:*'] }],
        },
      }),
    ).rejects.toMatchObject({ code: 'NotImplemented', message: expect.stringContaining('SQS') })
  })
})

describe('lifecycle rules', () => {
  const days = (number: number) => house.clock.advance(number * 24 * 3600_000)

  test('expire objects, old versions, lonely markers and unfinished uploads at midnight', async () => {
    const Bucket = await bucket()
    await house.invoke('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await house.invoke('s3', 'PutBucketLifecycleConfiguration', {
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'logs',
            Status: 'Enabled',
            Filter: { Prefix: 'logs/' },
            Expiration: { Days: 2 },
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    })
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'logs/1', Body: 'x' })
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'kept', Body: 'x' })
    await house.invoke('s3', 'CreateMultipartUpload', { Bucket, Key: 'logs/2' })
    const keys = async () => (await house.invoke('s3', 'ListObjectsV2', { Bucket })).Contents?.map(({ Key }) => Key)
    days(1)
    await house.runJobs()
    expect(await keys()).toEqual(['kept', 'logs/1'])
    days(2)
    await house.runJobs()
    expect(await keys()).toEqual(['kept'])
    expect((await house.invoke('s3', 'ListMultipartUploads', { Bucket })).Uploads).toEqual([])
    expect((await house.invoke('s3', 'ListObjectVersions', { Bucket, Prefix: 'logs/' })).Versions).toHaveLength(1)
    days(2)
    await house.runJobs()
    const left = await house.invoke('s3', 'ListObjectVersions', { Bucket, Prefix: 'logs/' })
    expect([left.Versions, left.DeleteMarkers]).toEqual([[], []])
    expect(house.events.some(event => event.detail.reason === 'Lifecycle Expiration')).toBe(true)
    await house.invoke('s3', 'DeleteBucketLifecycle', { Bucket })
    days(1)
    await house.runJobs()
  })

  test.each([
    [[], 'MalformedXML'],
    [[{ Status: 'Enabled', Filter: { Prefix: '' } }], 'InvalidRequest'],
    [[{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 0 } }], 'InvalidArgument'],
    [
      [{ Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1, ExpiredObjectDeleteMarker: true } }],
      'MalformedXML',
    ],
  ])('%o are refused', async (Rules, code) => {
    const Bucket = await bucket()
    await expect(
      house.invoke('s3', 'PutBucketLifecycleConfiguration', {
        Bucket,
        LifecycleConfiguration: { Rules: Rules as any },
      }),
    ).rejects.toMatchObject({ code })
  })
})
