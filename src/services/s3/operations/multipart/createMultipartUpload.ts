// CreateMultipartUpload: everything about the object but its bytes is said here.

import type { Handler } from '../../../../operation/handler.ts'
import { attributesOf, shownEncryption } from '../../attributes.ts'
import { holdBucket } from '../../buckets.ts'
import { type Algorithm, defaultType, isAlgorithm, typeAllowed } from '../../checksums/algorithms.ts'
import { keyFor, shownContext } from '../../dataKeys.ts'
import { fail, failArgument, failNotSupported } from '../../errors.ts'
import { orderedId } from '../../orderedIds.ts'
import { owner } from '../../owners.ts'
import { insertUpload, nextPosition } from '../../uploads.ts'

export const createMultipartUpload: Handler<'s3', 'CreateMultipartUpload'> = async (call, input) => {
  const bucket = await holdBucket(call.tx, input)
  const algorithm = readAlgorithm(input.ChecksumAlgorithm)
  const type = readType(algorithm, input.ChecksumType)
  const { stored } = await keyFor(call, bucket, input.Key, attributesOf(bucket, input))
  const position = await nextPosition(call.tx)
  const id = orderedId(position, call.ids)
  await insertUpload(call.tx, {
    ...stored,
    id,
    position,
    bucket: bucket.name,
    key: input.Key,
    initiated_at: call.now,
    initiator: owner(call.principal.account),
    checksum_algorithm: algorithm,
    checksum_type: type,
  })
  return {
    Bucket: bucket.name,
    Key: input.Key,
    UploadId: id,
    ChecksumAlgorithm: algorithm ?? undefined,
    ChecksumType: type ?? undefined,
    ...shownEncryption(stored),
    ...shownContext(input, stored),
  }
}

function readAlgorithm(name: string | undefined): Algorithm | null {
  if (name === undefined) return null
  if (name.startsWith('XXHASH')) failNotSupported(`the checksum ${name}`)
  const upper = name.toUpperCase()
  if (isAlgorithm(upper)) return upper
  return failArgument(
    'x-amz-checksum-algorithm',
    name,
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  )
}

function readType(algorithm: Algorithm | null, asked: string | undefined) {
  if (algorithm === null) {
    if (asked === undefined) return null
    return fail('InvalidRequest', {
      message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    })
  }
  const type = asked ?? defaultType(algorithm)
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE')
    return failArgument('x-amz-checksum-type', type, 'Value for x-amz-checksum-type header is invalid.')
  if (typeAllowed(algorithm, type)) return type
  return fail('InvalidRequest', {
    message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  })
}
