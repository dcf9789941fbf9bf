// Which permissions an operation needs, with S3's condition keys.
// AWS: "Actions, resources, and condition keys for Amazon S3" [service authorization reference] and
// "Required permissions for Amazon S3 API operations" [Amazon S3 user guide, using-with-s3-policy-actions].

import type { Access, AccessCall } from '../../operation/service.ts'
import { findBucket, ownerOf } from './buckets.ts'
import { parseCopySource } from './copySource.ts'
import { findEncryption } from './uploads.ts'

type Context = Readonly<Record<string, string | readonly string[]>>

/** Operations whose action is not called like them. */
const ACTIONS: Readonly<Record<string, string>> = {
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadBucket: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListParts: 'ListMultipartUploadParts',
  ListBuckets: 'ListAllMyBuckets',
  HeadObject: 'GetObject',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  GetBucketCors: 'GetBucketCORS',
  PutBucketCors: 'PutBucketCORS',
  DeleteBucketCors: 'PutBucketCORS',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  DeleteBucketLifecycle: 'PutLifecycleConfiguration',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  PutBucketNotificationConfiguration: 'PutBucketNotification',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  DeleteBucketOwnershipControls: 'PutBucketOwnershipControls',
  DeleteBucketTagging: 'PutBucketTagging',
  GetBucketReplication: 'GetReplicationConfiguration',
  DeleteBucketReplication: 'PutReplicationConfiguration',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  ListBucketAnalyticsConfigurations: 'GetAnalyticsConfiguration',
  ListBucketInventoryConfigurations: 'GetInventoryConfiguration',
  ListBucketMetricsConfigurations: 'GetMetricsConfiguration',
  ListBucketIntelligentTieringConfigurations: 'GetIntelligentTieringConfiguration',
}

/** Operations whose action has a twin for versions: `s3:GetObject` and `s3:GetObjectVersion`. */
const VERSIONED = new Set([
  'GetObject',
  'GetObjectAcl',
  'GetObjectAttributes',
  'GetObjectTagging',
  'PutObjectAcl',
  'PutObjectTagging',
  'DeleteObject',
  'DeleteObjectTagging',
])

export async function access(call: AccessCall, operation: string, input: any): Promise<readonly Access[]> {
  const list = accessesOf(operation, { ...input, ...(await askedEncryption(call, operation, input)) })
  const owners = new Map<string, string | undefined>()
  for (const { bucket } of list) {
    // A bucket that is to be made is the caller's; that the name is taken comes later.
    if (bucket && operation !== 'CreateBucket' && !owners.has(bucket))
      owners.set(bucket, await ownerOf(call.tx, bucket))
  }
  return list.map(({ bucket, key, action, context }) => ({
    action: `s3:${action}`,
    resource: bucket === undefined ? '*' : `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`,
    context,
    owner: bucket === undefined ? undefined : owners.get(bucket),
  }))
}

const OF_UPLOADS = new Set(['UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload'])

/** How policies see the encryption of a write: parts are as the upload was begun, and a key is its ARN, however it is named. */
async function askedEncryption({ tx, principal }: AccessCall, operation: string, input: any): Promise<object> {
  if (OF_UPLOADS.has(operation)) return (await findEncryption(tx, input)) ?? {}
  const key: unknown = input.SSEKMSKeyId
  if (typeof key !== 'string' || key.startsWith('arn:')) return {}
  // AWS: "you must use a key Amazon Resource Name (ARN)" in the policy [Amazon S3 user guide, UsingKMSEncryption].
  const region = (await findBucket(tx, input.Bucket))?.region
  const resource = key.startsWith('alias/') ? key : `key/${key}`
  return region ? { SSEKMSKeyId: `arn:aws:kms:${region}:${principal.account}:${resource}` } : {}
}

interface Need {
  readonly action: string
  readonly bucket?: string
  readonly key?: string
  readonly context?: Context
}

function accessesOf(operation: string, input: any): Need[] {
  const bucket: string | undefined = input.Bucket
  const key: string | undefined = input.Key
  switch (operation) {
    case 'ListBuckets':
      return [{ action: 'ListAllMyBuckets' }]
    case 'CreateBucket':
      return [
        {
          action: 'CreateBucket',
          bucket,
          context: present({
            's3:locationconstraint': input.CreateBucketConfiguration?.LocationConstraint,
            's3:x-amz-acl': input.ACL,
          }),
        },
      ]
    case 'ListObjects':
    case 'ListObjectsV2':
    case 'ListObjectVersions':
      return [{ action: ACTIONS[operation]!, bucket, context: listContext(input) }]
    case 'DeleteObjects':
      return (input.Delete?.Objects ?? []).map((object: any) => deletion(bucket, object))
    case 'CopyObject':
    case 'UploadPartCopy':
      return [source(input), ...writing(input)]
    case 'PutObject':
    case 'CreateMultipartUpload':
    case 'UploadPart':
    case 'CompleteMultipartUpload':
      return writing(input)
    case 'GetObjectAttributes': {
      const version = input.VersionId === undefined ? '' : 'Version'
      const context = versionContext(input)
      return [`GetObject${version}`, `GetObject${version}Attributes`].map(action => ({ action, bucket, key, context }))
    }
    default: {
      const named = ACTIONS[operation] ?? operation
      const action = input.VersionId !== undefined && VERSIONED.has(named) ? twin(named) : named
      return [{ action, bucket, key, context: versionContext(input) }]
    }
  }
}

/** GetObject -> GetObjectVersion, GetObjectTagging -> GetObjectVersionTagging. */
const twin = (action: string) => action.replace('Object', 'ObjectVersion')

function deletion(bucket: string | undefined, { Key, VersionId }: { Key?: string; VersionId?: string }): Need {
  const action = VersionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion'
  return { action, bucket, key: Key ?? '', context: versionContext({ VersionId }) }
}

function source(input: any): Need {
  const { Bucket, Key, VersionId } = parseCopySource(input.CopySource ?? '')
  return {
    action: VersionId === undefined ? 'GetObject' : 'GetObjectVersion',
    bucket: Bucket,
    key: Key,
    context: versionContext({ VersionId }),
  }
}

/** PutObject, and PutObjectTagging when tags come along. */
function writing(input: any): Need[] {
  const { Bucket: bucket, Key: key } = input
  const context = present({
    's3:x-amz-server-side-encryption': input.ServerSideEncryption,
    's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
    's3:x-amz-storage-class': input.StorageClass,
    's3:x-amz-acl': input.ACL,
    's3:x-amz-copy-source': input.CopySource,
    's3:x-amz-metadata-directive': input.MetadataDirective,
    's3:x-amz-website-redirect-location': input.WebsiteRedirectLocation,
    's3:if-none-match': input.IfNoneMatch,
    's3:if-match': input.IfMatch,
    ...requestTags(input.Tagging),
  })
  const put: Need = { action: 'PutObject', bucket, key, context }
  return input.Tagging ? [put, { action: 'PutObjectTagging', bucket, key, context }] : [put]
}

function requestTags(header: string | undefined): Context {
  const tags = [...new URLSearchParams(header ?? '')]
  if (tags.length === 0) return {}
  const values = tags.map(([name, value]) => [`s3:RequestObjectTag/${name}`, value] as const)
  return { ...Object.fromEntries(values), 's3:RequestObjectTagKeys': tags.map(([name]) => name) }
}

function listContext(input: any): Context {
  return present({
    's3:prefix': input.Prefix,
    's3:delimiter': input.Delimiter,
    's3:max-keys': input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
  })
}

const versionContext = ({ VersionId }: { VersionId?: string }) => present({ 's3:VersionId': VersionId })

function present(values: Readonly<Record<string, string | readonly string[] | undefined>>): Context {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Context
}
