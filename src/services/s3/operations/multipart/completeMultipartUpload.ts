// CompleteMultipartUpload: checks the client's list against what came, then the object's segments are those of its parts: no byte moves.

import { createHash } from 'node:crypto'
import type { CompletedPart } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { shownEncryption } from '../../attributes.ts'
import { release } from '../../blobs.ts'
import { holdBucket } from '../../buckets.ts'
import {
  ALGORITHMS,
  type Algorithm,
  type Checksum,
  combine,
  DEFAULT_ALGORITHM,
  memberOf,
} from '../../checksums/algorithms.ts'
import { openKey } from '../../dataKeys.ts'
import { fail, failArgument } from '../../errors.ts'
import { shownVersion } from '../../objects.ts'
import { allParts, completeUpload, lockUpload, MOST_PARTS, type Part, type Upload } from '../../uploads.ts'
import { modifiedAt, writeVersion } from '../../writeVersion.ts'

/** AWS: "5 MB ... There is no minimum size limit on the last part" [Amazon S3 user guide, qfacts]. */
const SMALLEST_PART = 5 * 1024 * 1024

export const completeMultipartUpload: Handler<'s3', 'CompleteMultipartUpload'> = async (call, input) => {
  const { tx } = call
  const bucket = await holdBucket(tx, input)
  const upload = await lockUpload(tx, input)
  if (!upload) return fail('NoSuchUpload', { fields: { UploadId: input.UploadId } })
  if (upload.completed) return upload.completed // the client did not hear the first answer
  // AWS: needs kms:Decrypt, "because Amazon S3 must decrypt and read data from the encrypted file parts before it completes the
  // multipart upload" [Amazon S3 API reference, CreateMultipartUpload]. Here the parts stay as they are.
  await openKey(call, bucket, upload)
  const stored = new Map((await allParts(tx, upload.id)).map(part => [part.number, part]))
  const parts = chosenParts(upload, input.MultipartUpload?.Parts ?? [], stored)
  const checksum = wholeChecksum(upload, parts)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  checkWhole(input, checksum, size)
  const md5s = createHash('md5')
  for (const { etag } of parts) md5s.update(etag, 'hex')
  const etag = `${md5s.digest('hex')}-${parts.length}`
  const version = await writeVersion(call, {
    bucket,
    version: {
      key: upload.key,
      size,
      etag,
      modified_at: modifiedAt(call.now),
      storage_class: upload.storage_class,
      headers: upload.headers,
      metadata: upload.metadata,
      tags: upload.tags,
      data_key: upload.data_key,
      checksum,
      segments: parts.flatMap(part => part.segments),
      parts: parts.map(part => [
        part.number,
        part.size,
        upload.checksum_algorithm ? (part.checksum?.value ?? null) : null,
      ]),
    },
    conditions: input,
    change: { type: 'Object Created', reason: 'CompleteMultipartUpload' },
    fresh: false,
  })
  const chosen = new Set(parts)
  const left = [...stored.values()].filter(part => !chosen.has(part))
  await release(
    call,
    left.flatMap(part => part.segments),
  )
  const answer = {
    Location: `${call.config.endpoint}/${bucket.name}/${encodeURIComponent(upload.key).replace(/%2F/g, '/')}`,
    Bucket: bucket.name,
    Key: upload.key,
    ETag: `"${etag}"`,
    ...(checksum ? { [memberOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type } : {}),
    VersionId: shownVersion(bucket, version),
    ...shownEncryption(version),
  }
  await completeUpload(tx, upload.id, answer, call.now)
  return answer
}

/** The parts of the client's list, in its order, after AWS's checks. */
function chosenParts(upload: Upload, list: readonly CompletedPart[], stored: ReadonlyMap<number, Part>): Part[] {
  if (list.length === 0 || list.length > MOST_PARTS) {
    return fail('MalformedXML')
  }
  let before = 0
  const parts = list.map(wanted => {
    const number = wanted.PartNumber ?? 0
    if (number < 1 || number > MOST_PARTS) failArgument('PartNumber', number, `PartNumber must be >= 1`)
    if (number <= before) fail('InvalidPartOrder', { fields: { UploadId: upload.id } })
    before = number
    const part = stored.get(number)
    const etag = wanted.ETag?.replace(/^"(.*)"$/, '$1')
    if (!part || part.etag !== etag) {
      return fail('InvalidPart', { fields: { UploadId: upload.id, PartNumber: number, ETag: etag } })
    }
    checkPart(upload, wanted, part)
    return part
  })
  const small = parts.slice(0, -1).find(part => part.size < SMALLEST_PART)
  if (small) {
    const fields = {
      ProposedSize: small.size,
      MinSizeAllowed: SMALLEST_PART,
      PartNumber: small.number,
      ETag: small.etag,
    }
    fail('EntityTooSmall', { fields })
  }
  return parts
}

function checkPart(upload: Upload, wanted: CompletedPart, part: Part): void {
  const algorithm = upload.checksum_algorithm
  if (!algorithm || !part.checksum) return
  const given = wanted[memberOf(algorithm)]
  if (given === undefined) {
    if (upload.checksum_type === 'FULL_OBJECT') return
    const message = `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`
    fail('InvalidRequest', { message })
  }
  if (given !== part.checksum.value) {
    fail('InvalidPart', { fields: { UploadId: upload.id, PartNumber: part.number, ETag: part.etag } })
  }
}

function wholeChecksum(upload: Upload, parts: readonly Part[]): Checksum | null {
  const values = parts.map(part => ({ value: part.checksum?.value ?? '', size: part.size }))
  if (values.some(({ value }) => value === '')) return null
  return combine(upload.checksum_algorithm ?? DEFAULT_ALGORITHM, upload.checksum_type ?? 'FULL_OBJECT', values)
}

type WholeInput = { readonly [member in `Checksum${Algorithm}`]?: string } & {
  readonly MpuObjectSize?: number
  readonly ChecksumType?: string
}

/** What the client says of the whole must be so. */
function checkWhole(input: WholeInput, checksum: Checksum | null, size: number): void {
  if (input.MpuObjectSize !== undefined && Number(input.MpuObjectSize) !== size) {
    fail('InvalidRequest', { message: `The provided 'x-amz-mp-object-size' header does not match what was computed.` })
  }
  if (input.ChecksumType !== undefined && checksum && input.ChecksumType !== checksum.type) {
    const message = `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`
    fail('InvalidRequest', { message })
  }
  for (const algorithm of ALGORITHMS) {
    const given = input[memberOf(algorithm)]
    if (given === undefined || algorithm !== checksum?.algorithm) continue
    if (given.replace(/-\d+$/, '') !== checksum.value.replace(/-\d+$/, '')) {
      fail('BadDigest', {
        message: `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
      })
    }
  }
}
