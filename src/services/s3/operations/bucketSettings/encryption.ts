// GetBucketEncryption, PutBucketEncryption, DeleteBucketEncryption: what objects get whose requests say nothing.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteSetting, putSetting, requireBucket } from '../../buckets.ts'
import { DEFAULT_ENCRYPTION, refuseDoubleLayer } from '../../encryption.ts'
import { fail, failArgument } from '../../errors.ts'

export const getBucketEncryption: Handler<'s3', 'GetBucketEncryption'> = async ({ tx }, input) => {
  const { encryption } = await requireBucket(tx, input)
  return { ServerSideEncryptionConfiguration: encryption ?? DEFAULT_ENCRYPTION }
}

// AWS: "Amazon S3 doesn't validate the KMS key ID provided in PutBucketEncryption requests" [Amazon S3 API reference].
export const putBucketEncryption: Handler<'s3', 'PutBucketEncryption'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const rules = input.ServerSideEncryptionConfiguration?.Rules ?? []
  if (rules.length !== 1) fail('MalformedXML')
  const { SSEAlgorithm, KMSMasterKeyID } = rules[0]?.ApplyServerSideEncryptionByDefault ?? {}
  if (SSEAlgorithm !== undefined && !['AES256', 'aws:kms', 'aws:kms:dsse'].includes(SSEAlgorithm)) fail('MalformedXML')
  refuseDoubleLayer(SSEAlgorithm)
  if (SSEAlgorithm === 'AES256' && KMSMasterKeyID !== undefined) {
    failArgument(
      'KMSMasterKeyID',
      KMSMasterKeyID,
      'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
    )
  }
  await putSetting(tx, name, 'encryption', { Rules: rules.map(rule => ({ BucketKeyEnabled: false, ...rule })) })
  return {}
}

/** AWS: this resets the default encryption to SSE-S3; there is no bucket without. */
export const deleteBucketEncryption: Handler<'s3', 'DeleteBucketEncryption'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'encryption')
  return {}
}
