// UploadPartCopy: a part out of an object that is stored already. Plain to plain it shares the blobs, which are read for the part's
// digests only; where one of the two is encrypted the bytes are decrypted and encrypted on their way into a blob of the part's own.

import { Readable } from 'node:stream'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { shownEncryption } from '../../attributes.ts'
import { adopt, retain } from '../../blobs.ts'
import { DEFAULT_ALGORITHM } from '../../checksums/algorithms.ts'
import { requireSource } from '../../copySource.ts'
import { openKey } from '../../dataKeys.ts'
import { refuseCustomerKeys } from '../../encryption.ts'
import { fail, failArgument } from '../../errors.ts'
import { shownVersion } from '../../objects.ts'
import { cut, type Range, readSegments } from '../../ranges.ts'
import { digestStored, type Received, receive } from '../../receive.ts'
import { modifiedAt } from '../../writeVersion.ts'
import { findTarget, savePart, shownPartChecksum } from './uploadPart.ts'

export const uploadPartCopy: OpenHandler<'s3', 'UploadPartCopy'> = async (call, input) => {
  refuseCustomerKeys(input)
  const { bucket: target, upload } = await findTarget(call, input)
  const { bucket, version: source } = await call.read(({ tx }) => requireSource(tx, input))
  const segments = cut(source.segments, copyRange(input.CopySourceRange, source.size))
  const algorithm = upload.checksum_algorithm ?? DEFAULT_ALGORITHM
  const sourceKey = await openKey(call, bucket, source)
  const key = await openKey(call, target, upload)
  const bytes = Readable.from(readSegments(segments, call.blobs.get, sourceKey), { objectMode: false })
  const save = (received: Received, own: boolean) =>
    call.transaction(async inner => {
      const [first] = received.segments
      if (own && first) await adopt(inner.tx, first[0])
      if (!own && !(await retain(inner.tx, segments))) fail('NoSuchKey', { fields: { Key: source.key } })
      const part = { ...received, number: input.PartNumber, modified_at: modifiedAt(inner.now) }
      await savePart(inner, input, part)
      return {
        CopyPartResult: {
          ETag: `"${part.etag}"`,
          LastModified: part.modified_at,
          ...shownPartChecksum(upload, part),
        },
        CopySourceVersionId: shownVersion(bucket, source),
        ...shownEncryption(upload),
      }
    })
  if (sourceKey || key) return receive(call, { Body: bytes }, { algorithm, key }, received => save(received, true))
  const { md5: etag, checksum } = await digestStored(bytes, algorithm)
  const size = segments.reduce((sum, [, , length]) => sum + length, 0)
  return save({ segments, size, etag, checksum }, false)
}

/** Both ends must be named and inside the object. */
function copyRange(header: string | undefined, size: number): Range {
  if (header === undefined) return { start: 0, end: size - 1 }
  const match = /^bytes=(\d+)-(\d+)$/.exec(header)
  const [start, end] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || end < start) {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy'
    return failArgument('x-amz-copy-source-range', header, message)
  }
  if (end >= size) {
    const message = `Range specified is not valid for source object of size: ${size}`
    return failArgument('x-amz-copy-source-range', header, message)
  }
  return { start, end }
}
