// UpdateObjectEncryption: another KMS key for an object that stays what it is, its ETag, time and version included. Of an object under a
// key only the data key is sealed anew; the bytes of one without are encrypted once, since they are stored as they are.

import { Readable } from 'node:stream'
import type { ObjectEncryption } from '@aws-sdk/client-s3'
import { parseArn } from '../../../../core/arn.ts'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { adopt, release } from '../../blobs.ts'
import type { Bucket } from '../../buckets.ts'
import { keyFor, resealed } from '../../dataKeys.ts'
import { fail } from '../../errors.ts'
import { replaceEncryption } from '../../objects.ts'
import { cut, readSegments } from '../../ranges.ts'
import { requireVersion } from '../../readVersion.ts'
import { receive } from '../../receive.ts'

export const updateObjectEncryption: OpenHandler<'s3', 'UpdateObjectEncryption'> = async (call, input) => {
  const { bucket, version } = await call.read(({ tx }) => requireVersion(tx, input))
  const wanted = { algorithm: 'aws:kms' as const, ...readWish(bucket, input.ObjectEncryption), context: undefined }
  if (version.data_key) {
    const changed = await resealed(call, bucket, { ...version, data_key: version.data_key }, wanted)
    await call.transaction(async ({ tx }) => {
      if (!(await replaceEncryption(tx, version, { ...version, ...changed }))) fail('OperationAborted')
    })
    return {}
  }
  const { headers, metadata, tags, storage_class } = version
  const plain = { headers, metadata, tags, storage_class, encryption: wanted }
  const { stored, secret: key } = await keyFor(call, bucket, version.key, plain)
  const whole = cut(version.segments, { start: 0, end: version.size - 1 })
  const Body = Readable.from(readSegments(whole, call.blobs.get, undefined), { objectMode: false })
  return receive(call, { Body }, { key }, ({ segments }) =>
    call.transaction(async inner => {
      const { headers, data_key } = stored
      if (segments[0]) await adopt(inner.tx, segments[0][0])
      const replaced = await replaceEncryption(inner.tx, version, { headers, data_key, segments })
      if (!replaced) fail('OperationAborted') // overwritten, deleted or encrypted meanwhile
      await release(inner, version.segments)
      return {}
    }),
  )
}

// AWS: the sentences of InvalidRequest and AccessDenied [Amazon S3 API reference, UpdateObjectEncryption].
function readWish({ account }: Bucket, asked: ObjectEncryption): { key: string; bucketKey: boolean } {
  const { KMSKeyArn, BucketKeyEnabled = false } = asked.SSEKMS ?? {}
  if (!asked.SSEKMS) {
    const message =
      'Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.'
    return fail('InvalidRequest', { message })
  }
  const arn = parseArn(KMSKeyArn ?? '')
  if (!KMSKeyArn || arn?.service !== 'kms' || !/^\d{12}$/.test(arn.account) || !/^key\/./.test(arn.resource)) {
    const message =
      "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again."
    return fail('InvalidRequest', { message })
  }
  if (arn.account !== account) {
    const message =
      'The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.'
    return fail('AccessDenied', { message })
  }
  return { key: KMSKeyArn, bucketKey: BucketKeyEnabled }
}
