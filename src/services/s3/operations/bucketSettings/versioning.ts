// GetBucketVersioning, PutBucketVersioning: once switched on it can be suspended, never taken back.

import type { Handler } from '../../../../operation/handler.ts'
import { closeBucket, requireBucket, setVersioning } from '../../buckets.ts'
import { fail, failNotSupported } from '../../errors.ts'

export const getBucketVersioning: Handler<'s3', 'GetBucketVersioning'> = async ({ tx }, input) => {
  const { versioning } = await requireBucket(tx, input)
  return { Status: versioning ?? undefined }
}

export const putBucketVersioning: Handler<'s3', 'PutBucketVersioning'> = async ({ tx }, input) => {
  const { Status, MFADelete } = input.VersioningConfiguration ?? {}
  if (MFADelete === 'Enabled') failNotSupported('MFA delete')
  if (Status === undefined) fail('IllegalVersioningConfigurationException')
  if (Status !== 'Enabled' && Status !== 'Suspended') fail('MalformedXML')
  const { name } = await closeBucket(tx, input) // writers running now finish under the old rule
  await setVersioning(tx, name, Status)
  return {}
}
