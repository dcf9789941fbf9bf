// UploadPart: one part's bytes; sending a number again replaces it.

import type { Call, OpenCall } from '../../../../operation/call.ts'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { shownEncryption } from '../../attributes.ts'
import { adopt, release } from '../../blobs.ts'
import { type Bucket, requireBucket } from '../../buckets.ts'
import { DEFAULT_ALGORITHM, memberOf } from '../../checksums/algorithms.ts'
import { givenChecksum } from '../../checksums/given.ts'
import { openKey } from '../../dataKeys.ts'
import { refuseCustomerKeys } from '../../encryption.ts'
import { fail, failArgument } from '../../errors.ts'
import { receive } from '../../receive.ts'
import {
  holdUpload,
  MOST_PARTS,
  type Part,
  putPart,
  requireUpload,
  type Upload,
  type UploadInput,
} from '../../uploads.ts'
import { modifiedAt } from '../../writeVersion.ts'

export const uploadPart: OpenHandler<'s3', 'UploadPart'> = async (call, input) => {
  refuseCustomerKeys(input)
  const { bucket, upload } = await findTarget(call, input)
  const given = givenChecksum(input)
  const expected = upload.checksum_algorithm
  if (given && expected && given.algorithm !== expected) {
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${given.algorithm.toLowerCase()}`
    fail('InvalidRequest', { message })
  }
  const key = await openKey(call, bucket, upload)
  return receive(call, input, { algorithm: expected ?? DEFAULT_ALGORITHM, key }, ({ segments, size, etag, checksum }) =>
    call.transaction(async inner => {
      if (segments[0]) await adopt(inner.tx, segments[0][0])
      const part = { number: input.PartNumber, size, etag, modified_at: modifiedAt(inner.now), checksum, segments }
      await savePart(inner, input, part)
      return { ETag: `"${etag}"`, ...shownPartChecksum(upload, part), ...shownEncryption(upload) }
    }),
  )
}

/** The open upload, after the checks that need no bytes. */
export async function findTarget(
  call: OpenCall,
  input: UploadInput & { PartNumber?: number },
): Promise<{ readonly bucket: Bucket; readonly upload: Upload }> {
  const number = input.PartNumber ?? 0
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
    failArgument('partNumber', number, `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`)
  }
  return call.read(async ({ tx }) => {
    const bucket = await requireBucket(tx, input)
    return { bucket, upload: await requireUpload(tx, input) }
  })
}

/** Saves the part unless the upload ended meanwhile; what it replaces is released. */
export async function savePart(call: Call, input: UploadInput, part: Part): Promise<void> {
  const { id } = await holdUpload(call.tx, input)
  await release(call, await putPart(call.tx, id, part))
}

/** Uploads that never spoke of checksums are not told of ours. */
export function shownPartChecksum(upload: Pick<Upload, 'checksum_algorithm'>, { checksum }: Pick<Part, 'checksum'>) {
  return upload.checksum_algorithm && checksum ? { [memberOf(checksum.algorithm)]: checksum.value } : {}
}
