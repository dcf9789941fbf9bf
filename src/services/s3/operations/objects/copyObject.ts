// CopyObject: the copy shares the source's blobs, so no byte moves, unless another checksum is asked for.

import { Readable } from 'node:stream'
import type { OpenCall } from '../../../../operation/call.ts'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { type AttributeInput, type Attributes, attributesOf, shownEncryption } from '../../attributes.ts'
import { retain } from '../../blobs.ts'
import { type Bucket, holdBucket } from '../../buckets.ts'
import { type Checksum, isAlgorithm, memberOf } from '../../checksums/algorithms.ts'
import { requireSource } from '../../copySource.ts'
import { fail, failArgument } from '../../errors.ts'
import { type ObjectVersion, shownVersion } from '../../objects.ts'
import { cut, readSegments } from '../../ranges.ts'
import { digestStored } from '../../receive.ts'
import { modifiedAt, writeVersion } from '../../writeVersion.ts'

interface Input extends AttributeInput {
  readonly Bucket: string
  readonly Key: string
  readonly MetadataDirective?: string
  readonly TaggingDirective?: string
  readonly ChecksumAlgorithm?: string
}

export const copyObject: OpenHandler<'s3', 'CopyObject'> = async (call, input) => {
  const { version: source, ...from } = await call.read(({ tx }) => requireSource(tx, input))
  checkDirectives(input)
  refuseIdleCopy(input, from.source)
  const { etag, checksum } = await digests(call, input, source)
  return call.transaction(async inner => {
    const bucket = await holdBucket(inner.tx, input)
    const attributes = copiedAttributes(bucket, input, source)
    if (!(await retain(inner.tx, source.segments))) fail('NoSuchKey', { fields: { Key: source.key } })
    const version = await writeVersion(inner, {
      bucket,
      version: {
        ...attributes,
        key: input.Key,
        size: source.size,
        etag,
        modified_at: modifiedAt(inner.now),
        checksum,
        segments: source.segments,
        parts: null,
      },
      conditions: input,
      change: { type: 'Object Created', reason: 'CopyObject' },
      fresh: false,
    })
    return {
      CopyObjectResult: {
        ETag: `"${etag}"`,
        LastModified: version.modified_at,
        ChecksumType: checksum?.type,
        ...(checksum ? { [memberOf(checksum.algorithm)]: checksum.value } : {}),
      },
      CopySourceVersionId: shownVersion(from.bucket, source),
      VersionId: shownVersion(bucket, version),
      ...shownEncryption(version),
    }
  })
}

/** A copy of what was uploaded in parts is one object: its ETag is the MD5 of the whole and its checksum a FULL_OBJECT one. */
async function digests(
  call: OpenCall,
  input: Input,
  source: ObjectVersion,
): Promise<{ etag: string; checksum: Checksum | null }> {
  const asked = input.ChecksumAlgorithm?.toUpperCase()
  const same = !asked || asked === source.checksum?.algorithm
  if (!source.parts && same) return { etag: source.etag, checksum: source.checksum }
  const wanted = asked ?? source.checksum?.algorithm ?? 'CRC64NVME'
  if (!isAlgorithm(wanted))
    return failArgument('x-amz-checksum-algorithm', wanted, 'Checksum algorithm provided is unsupported.')
  const bytes = readSegments(cut(source.segments, { start: 0, end: source.size - 1 }), call.blobs.get)
  const { md5, checksum } = await digestStored(Readable.from(bytes, { objectMode: false }), wanted)
  return { etag: md5, checksum: { ...checksum, type: 'FULL_OBJECT' } }
}

function checkDirectives({ MetadataDirective, TaggingDirective }: Input): void {
  if (MetadataDirective !== undefined && !['COPY', 'REPLACE'].includes(MetadataDirective)) {
    failArgument('x-amz-metadata-directive', MetadataDirective, 'Unknown metadata directive.')
  }
  if (TaggingDirective !== undefined && !['COPY', 'REPLACE'].includes(TaggingDirective)) {
    failArgument('x-amz-tagging-directive', TaggingDirective, 'Unknown tagging directive.')
  }
}

// AWS: the sentence of InvalidRequest for a copy of an object onto itself that changes nothing [Amazon S3 API reference, ErrorResponses]
function refuseIdleCopy(input: Input, source: { Bucket: string; Key: string; VersionId?: string }): void {
  const itself = source.Bucket === input.Bucket && source.Key === input.Key && source.VersionId === undefined
  const changes =
    input.MetadataDirective === 'REPLACE' ||
    [input.StorageClass, input.WebsiteRedirectLocation, input.ServerSideEncryption].some(value => value !== undefined)
  if (!itself || changes) return
  const message =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
  fail('InvalidRequest', { message })
}

function copiedAttributes(bucket: Bucket, input: Input, source: ObjectVersion): Attributes {
  const own = attributesOf(bucket, input)
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = source.headers
  const copied = { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires }
  const replace = input.MetadataDirective === 'REPLACE'
  return {
    storage_class: own.storage_class,
    headers: replace ? own.headers : { ...own.headers, ...copied },
    metadata: replace ? own.metadata : source.metadata,
    tags: input.TaggingDirective === 'REPLACE' ? own.tags : source.tags,
  }
}
