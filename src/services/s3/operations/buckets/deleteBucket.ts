// DeleteBucket: only an empty one; uploads that were never completed go with it.

import type { Handler } from '../../../../operation/handler.ts'
import { release } from '../../blobs.ts'
import { closeBucket, hasObjects, removeBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'
import { deleteUploadsOf } from '../../uploads.ts'

export const deleteBucket: Handler<'s3', 'DeleteBucket'> = async (call, input) => {
  const { name, versioning } = await closeBucket(call.tx, input)
  if (await hasObjects(call.tx, name)) {
    const versions = 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.'
    fail('BucketNotEmpty', { message: versioning === null ? undefined : versions, fields: { BucketName: name } })
  }
  await release(call, await deleteUploadsOf(call.tx, name))
  await removeBucket(call.tx, name)
  return {}
}
