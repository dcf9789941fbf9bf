// HeadObject: what GetObject would answer, without the bytes.

import type { Handler } from '../../../../operation/handler.ts'
import { openKey } from '../../dataKeys.ts'
import { describeRead } from '../../readVersion.ts'

export const headObject: Handler<'s3', 'HeadObject'> = async (call, input) => {
  const { bucket, version, answer } = await describeRead(call.tx, input)
  // AWS: "If you enable x-amz-checksum-mode in the request and the object is encrypted with ... KMS, you must also have the ...
  // kms:Decrypt permissions" [Amazon S3 API reference, HeadObject]; without it the key is not needed.
  if (input.ChecksumMode === 'ENABLED') await openKey(call, bucket, version)
  return answer
}
