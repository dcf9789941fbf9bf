// S3: objects with versions, multipart uploads and the settings that real clients ask for.

import type { ServiceError } from '../../core/serviceError.ts'
import {
  allNotSupported,
  defineService,
  notSupported,
  open,
  read,
  type Violation,
  write,
} from '../../operation/service.ts'
import { access } from './access.ts'
import { deleteUnusedBlobs } from './blobs.ts'
import { resourcePolicy } from './bucketPolicy.ts'
import { s3Error } from './errors.ts'
import { expire } from './expire.ts'
import { getBucketAcl, putBucketAcl } from './operations/bucketSettings/acl.ts'
import { deleteBucketCors, getBucketCors, putBucketCors } from './operations/bucketSettings/cors.ts'
import {
  deleteBucketEncryption,
  getBucketEncryption,
  putBucketEncryption,
} from './operations/bucketSettings/encryption.ts'
import {
  deleteBucketLifecycle,
  getBucketLifecycleConfiguration,
  putBucketLifecycleConfiguration,
} from './operations/bucketSettings/lifecycle.ts'
import { always, none } from './operations/bucketSettings/neverSet.ts'
import {
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
} from './operations/bucketSettings/notification.ts'
import {
  deleteBucketOwnershipControls,
  getBucketOwnershipControls,
  putBucketOwnershipControls,
} from './operations/bucketSettings/ownershipControls.ts'
import {
  deleteBucketPolicy,
  getBucketPolicy,
  getBucketPolicyStatus,
  putBucketPolicy,
} from './operations/bucketSettings/policy.ts'
import {
  deletePublicAccessBlock,
  getPublicAccessBlock,
  putPublicAccessBlock,
} from './operations/bucketSettings/publicAccessBlock.ts'
import { deleteBucketTagging, getBucketTagging, putBucketTagging } from './operations/bucketSettings/tagging.ts'
import { getBucketVersioning, putBucketVersioning } from './operations/bucketSettings/versioning.ts'
import { createBucket } from './operations/buckets/createBucket.ts'
import { deleteBucket } from './operations/buckets/deleteBucket.ts'
import { getBucketLocation } from './operations/buckets/getBucketLocation.ts'
import { headBucket } from './operations/buckets/headBucket.ts'
import { listBuckets } from './operations/buckets/listBuckets.ts'
import { listObjects } from './operations/listings/listObjects.ts'
import { listObjectsV2 } from './operations/listings/listObjectsV2.ts'
import { listObjectVersions } from './operations/listings/listObjectVersions.ts'
import { abortMultipartUpload } from './operations/multipart/abortMultipartUpload.ts'
import { completeMultipartUpload } from './operations/multipart/completeMultipartUpload.ts'
import { createMultipartUpload } from './operations/multipart/createMultipartUpload.ts'
import { listMultipartUploads } from './operations/multipart/listMultipartUploads.ts'
import { listParts } from './operations/multipart/listParts.ts'
import { uploadPart } from './operations/multipart/uploadPart.ts'
import { uploadPartCopy } from './operations/multipart/uploadPartCopy.ts'
import { copyObject } from './operations/objects/copyObject.ts'
import { deleteObject } from './operations/objects/deleteObject.ts'
import { deleteObjects } from './operations/objects/deleteObjects.ts'
import { getObject } from './operations/objects/getObject.ts'
import { getObjectAttributes } from './operations/objects/getObjectAttributes.ts'
import { headObject } from './operations/objects/headObject.ts'
import { getObjectAcl, putObjectAcl } from './operations/objects/objectAcl.ts'
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/objects/objectTagging.ts'
import { putObject } from './operations/objects/putObject.ts'
import { updateObjectEncryption } from './operations/objects/updateObjectEncryption.ts'
import { tidy, tidying } from './tidying.ts'
import { publish } from './topicNotifications.ts'

const changing = { changes: true }
const reading = { changes: false }

export const s3 = defineService<'s3'>({
  name: 's3',
  principal: 's3.amazonaws.com',
  accessDeniedCode: 'AccessDenied',
  // AWS: a policy that denies everybody is mended by root [Amazon S3 user guide, troubleshoot-403-errors].
  rootKeeps: ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
  migrations: new URL('./migrations/', import.meta.url),
  access,
  resourcePolicy,
  constraintError,
  tasks: { deleteUnusedBlobs, publish, expire, tidy },
  workers: [tidying],
  operations: {
    CreateBucket: write(createBucket),
    DeleteBucket: write(deleteBucket),
    HeadBucket: read(headBucket),
    ListBuckets: read(listBuckets),
    GetBucketLocation: read(getBucketLocation),

    PutObject: open(putObject, changing),
    GetObject: open(getObject, reading),
    HeadObject: read(headObject),
    CopyObject: open(copyObject, changing),
    UpdateObjectEncryption: open(updateObjectEncryption, changing),
    DeleteObject: write(deleteObject),
    DeleteObjects: write(deleteObjects),
    GetObjectAttributes: read(getObjectAttributes),
    GetObjectTagging: read(getObjectTagging),
    PutObjectTagging: write(putObjectTagging),
    DeleteObjectTagging: write(deleteObjectTagging),
    GetObjectAcl: read(getObjectAcl),
    PutObjectAcl: write(putObjectAcl),

    ListObjects: read(listObjects),
    ListObjectsV2: read(listObjectsV2),
    ListObjectVersions: read(listObjectVersions),

    CreateMultipartUpload: write(createMultipartUpload),
    UploadPart: open(uploadPart, changing),
    UploadPartCopy: open(uploadPartCopy, changing),
    CompleteMultipartUpload: write(completeMultipartUpload),
    AbortMultipartUpload: write(abortMultipartUpload),
    ListParts: read(listParts),
    ListMultipartUploads: read(listMultipartUploads),

    GetBucketVersioning: read(getBucketVersioning),
    PutBucketVersioning: write(putBucketVersioning),
    GetBucketPolicy: read(getBucketPolicy),
    PutBucketPolicy: write(putBucketPolicy),
    DeleteBucketPolicy: write(deleteBucketPolicy),
    GetBucketPolicyStatus: read(getBucketPolicyStatus),
    GetPublicAccessBlock: read(getPublicAccessBlock),
    PutPublicAccessBlock: write(putPublicAccessBlock),
    DeletePublicAccessBlock: write(deletePublicAccessBlock),
    GetBucketOwnershipControls: read(getBucketOwnershipControls),
    PutBucketOwnershipControls: write(putBucketOwnershipControls),
    DeleteBucketOwnershipControls: write(deleteBucketOwnershipControls),
    GetBucketEncryption: read(getBucketEncryption),
    PutBucketEncryption: write(putBucketEncryption),
    DeleteBucketEncryption: write(deleteBucketEncryption),
    GetBucketTagging: read(getBucketTagging),
    PutBucketTagging: write(putBucketTagging),
    DeleteBucketTagging: write(deleteBucketTagging),
    GetBucketCors: read(getBucketCors),
    PutBucketCors: write(putBucketCors),
    DeleteBucketCors: write(deleteBucketCors),
    GetBucketLifecycleConfiguration: read(getBucketLifecycleConfiguration),
    PutBucketLifecycleConfiguration: write(putBucketLifecycleConfiguration),
    DeleteBucketLifecycle: write(deleteBucketLifecycle),
    GetBucketNotificationConfiguration: read(getBucketNotificationConfiguration),
    PutBucketNotificationConfiguration: write(putBucketNotificationConfiguration),
    GetBucketAcl: read(getBucketAcl),
    PutBucketAcl: write(putBucketAcl),

    // What can not be set: asking tells that there is none, which infrastructure code does for every bucket.
    GetBucketWebsite: read(none('NoSuchWebsiteConfiguration')),
    DeleteBucketWebsite: write(always({})),
    PutBucketWebsite: notSupported('buckets do not serve websites'),
    GetBucketReplication: read(none('ReplicationConfigurationNotFoundError')),
    DeleteBucketReplication: write(always({})),
    PutBucketReplication: notSupported('there is no other region to replicate to'),
    GetBucketLogging: read(always({})),
    PutBucketLogging: notSupported('server access logs are not written; the audit trail has every call'),
    GetBucketRequestPayment: read(always({ Payer: 'BucketOwner' as const })),
    PutBucketRequestPayment: notSupported('nobody pays for requests'),
    GetBucketAccelerateConfiguration: read(always({})),
    PutBucketAccelerateConfiguration: notSupported('there are no edge locations to accelerate transfers'),
    GetObjectLockConfiguration: read(none('ObjectLockConfigurationNotFoundError')),
    ListBucketAnalyticsConfigurations: read(always({ IsTruncated: false })),
    ListBucketInventoryConfigurations: read(always({ IsTruncated: false })),
    ListBucketMetricsConfigurations: read(always({ IsTruncated: false })),
    ListBucketIntelligentTieringConfigurations: read(always({ IsTruncated: false })),

    ...allNotSupported(
      [
        'GetBucketAnalyticsConfiguration',
        'PutBucketAnalyticsConfiguration',
        'DeleteBucketAnalyticsConfiguration',
        'GetBucketInventoryConfiguration',
        'PutBucketInventoryConfiguration',
        'DeleteBucketInventoryConfiguration',
        'GetBucketMetricsConfiguration',
        'PutBucketMetricsConfiguration',
        'DeleteBucketMetricsConfiguration',
        'GetBucketIntelligentTieringConfiguration',
        'PutBucketIntelligentTieringConfiguration',
        'DeleteBucketIntelligentTieringConfiguration',
      ],
      'reports about stored objects (analytics, inventory, metrics, tiering) are not made',
    ),
    ...allNotSupported(
      [
        'PutObjectLockConfiguration',
        'GetObjectLegalHold',
        'PutObjectLegalHold',
        'GetObjectRetention',
        'PutObjectRetention',
      ],
      'Object Lock is not there: objects can always be deleted by those who may',
    ),
    ...allNotSupported(
      [
        'CreateBucketMetadataConfiguration',
        'CreateBucketMetadataTableConfiguration',
        'DeleteBucketMetadataConfiguration',
        'DeleteBucketMetadataTableConfiguration',
        'GetBucketMetadataConfiguration',
        'GetBucketMetadataTableConfiguration',
        'UpdateBucketMetadataAnnotationTableConfiguration',
        'UpdateBucketMetadataInventoryTableConfiguration',
        'UpdateBucketMetadataJournalTableConfiguration',
      ],
      'S3 Metadata tables are not kept',
    ),
    ...allNotSupported(
      ['PutObjectAnnotation', 'GetObjectAnnotation', 'DeleteObjectAnnotation', 'ListObjectAnnotations'],
      'objects have metadata and tags, but no annotations',
    ),
    ...allNotSupported(
      ['CreateSession', 'ListDirectoryBuckets', 'RenameObject'],
      'directory buckets are not there; general purpose buckets are',
    ),
    ...allNotSupported(['GetBucketAbac', 'PutBucketAbac'], 'tags of buckets do not decide over access'),
    GetObjectTorrent: notSupported('AWS has ended it as well'),
    RestoreObject: notSupported('nothing is archived, so there is nothing to restore'),
    SelectObjectContent: notSupported('objects are not queried with SQL'),
    WriteGetObjectResponse: notSupported('there are no Object Lambda access points'),
  },
})

/** S3 has no ValidationException: what is wrong in a document is MalformedXML, in a header or the query InvalidArgument. */
function constraintError(_operation: string, { path, value, message }: Violation): ServiceError {
  if (path.endsWith('.locationConstraint'))
    return s3Error('InvalidLocationConstraint', { fields: { LocationConstraint: value } })
  if (path.startsWith('objectEncryption.')) return s3Error('InvalidRequest', { message })
  if (path.includes('.')) return s3Error('MalformedXML')
  if (path === 'storageClass') return s3Error('InvalidStorageClass', { fields: { StorageClassRequested: value } })
  const ArgumentName = path.charAt(0).toUpperCase() + path.slice(1)
  const ArgumentValue = value === null || value === undefined ? '' : String(value).slice(0, 1000)
  return s3Error('InvalidArgument', { message, fields: { ArgumentName, ArgumentValue } })
}
