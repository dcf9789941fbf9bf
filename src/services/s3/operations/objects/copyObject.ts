// CopyObject: a plain copy of a plain source shares its blobs, so no byte moves; where one of the two is encrypted, the bytes are
// decrypted and encrypted on their way into a blob of the copy's own.

import { Readable } from 'node:stream'
import type { OpenCall } from '../../../../operation/call.ts'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { type AttributeInput, attributesOf, shownEncryption, type WantedAttributes } from '../../attributes.ts'
import { retain } from '../../blobs.ts'
import { type Bucket, holdBucket, requireBucket } from '../../buckets.ts'
import { type Algorithm, DEFAULT_ALGORITHM, isAlgorithm, memberOf } from '../../checksums/algorithms.ts'
import { requireSource } from '../../copySource.ts'
import { keyFor, openKey, shownContext } from '../../dataKeys.ts'
import { fail, failArgument } from '../../errors.ts'
import { type ObjectVersion, shownVersion } from '../../objects.ts'
import { cut, readSegments } from '../../ranges.ts'
import { digestStored, receive } from '../../receive.ts'
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
  const target = await call.read(({ tx }) => requireBucket(tx, input))
  const sourceKey = await openKey(call, from.bucket, source)
  const { stored, secret: key } = await keyFor(call, target, input.Key, copiedAttributes(target, input, source))
  const write = (copied: Copied, fresh: boolean) =>
    call.transaction(async inner => {
      const bucket = await holdBucket(inner.tx, input)
      if (!fresh && !(await retain(inner.tx, copied.segments))) fail('NoSuchKey', { fields: { Key: source.key } })
      const version = await writeVersion(inner, {
        bucket,
        version: { ...stored, ...copied, key: input.Key, modified_at: modifiedAt(inner.now), parts: null },
        conditions: input,
        change: { type: 'Object Created', reason: 'CopyObject' },
        fresh,
      })
      const { etag, checksum } = version
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
        ...shownContext(input, version),
      }
    })
  if (!sourceKey && !key) return write(await shared(call, input, source), false)
  const Body = stream(call, source, sourceKey)
  const algorithm = wantedAlgorithm(input, source)
  return receive(call, { Body }, { algorithm, key }, ({ checksum, ...rest }) =>
    write({ ...rest, checksum: { ...checksum, type: 'FULL_OBJECT' } }, true),
  )
}

type Copied = Pick<ObjectVersion, 'segments' | 'size' | 'etag' | 'checksum'>

const stream = (call: OpenCall, { segments, size }: ObjectVersion, key: Buffer | undefined) =>
  Readable.from(readSegments(cut(segments, { start: 0, end: size - 1 }), call.blobs.get, key), { objectMode: false })

/** A copy of what was uploaded in parts is one object: its ETag is the MD5 of the whole and its checksum a FULL_OBJECT one. */
async function shared(call: OpenCall, input: Input, source: ObjectVersion): Promise<Copied> {
  const { segments, size, etag, checksum } = source
  const asked = input.ChecksumAlgorithm?.toUpperCase()
  const same = !asked || asked === checksum?.algorithm
  if (!source.parts && same) return { segments, size, etag, checksum }
  const made = await digestStored(stream(call, source, undefined), wantedAlgorithm(input, source))
  return { segments, size, etag: made.md5, checksum: { ...made.checksum, type: 'FULL_OBJECT' } }
}

function wantedAlgorithm({ ChecksumAlgorithm }: Input, { checksum }: ObjectVersion): Algorithm {
  const wanted = ChecksumAlgorithm?.toUpperCase() ?? checksum?.algorithm ?? DEFAULT_ALGORITHM
  if (isAlgorithm(wanted)) return wanted
  return failArgument('x-amz-checksum-algorithm', wanted, 'Checksum algorithm provided is unsupported.')
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

function copiedAttributes(bucket: Bucket, input: Input, source: ObjectVersion): WantedAttributes {
  const own = attributesOf(bucket, input)
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = source.headers
  const copied = { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires }
  const replace = input.MetadataDirective === 'REPLACE'
  return {
    encryption: own.encryption,
    storage_class: own.storage_class,
    headers: replace ? own.headers : { ...own.headers, ...copied },
    metadata: replace ? own.metadata : source.metadata,
    tags: input.TaggingDirective === 'REPLACE' ? own.tags : source.tags,
  }
}
