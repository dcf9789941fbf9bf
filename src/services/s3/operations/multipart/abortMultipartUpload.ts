// AbortMultipartUpload: the upload and its parts are gone, and parts still on their way will not be kept.

import type { Handler } from '../../../../operation/handler.ts'
import { release } from '../../blobs.ts'
import { requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'
import { deleteUpload, lockUpload } from '../../uploads.ts'

export const abortMultipartUpload: Handler<'s3', 'AbortMultipartUpload'> = async (call, input) => {
  await requireBucket(call.tx, input)
  const upload = await lockUpload(call.tx, input)
  if (!upload || upload.completed) return fail('NoSuchUpload', { fields: { UploadId: input.UploadId } })
  await release(call, await deleteUpload(call.tx, upload.id))
  return {}
}
