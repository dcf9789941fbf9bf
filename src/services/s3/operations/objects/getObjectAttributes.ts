// GetObjectAttributes: the asked facts of an object, with its parts by page.

import type { GetObjectAttributesCommandOutput } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { memberOf } from '../../checksums/algorithms.ts'
import { openKey } from '../../dataKeys.ts'
import { refuseCustomerKeys } from '../../encryption.ts'
import { failArgument } from '../../errors.ts'
import { type ObjectVersion, shownVersion } from '../../objects.ts'
import { requireVersion } from '../../readVersion.ts'

const KNOWN = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']

export const getObjectAttributes: Handler<'s3', 'GetObjectAttributes'> = async (call, input) => {
  refuseCustomerKeys(input)
  const asked = new Set(input.ObjectAttributes)
  for (const name of asked) {
    if (!KNOWN.includes(name)) failArgument('x-amz-object-attributes', name, 'Invalid attribute name specified.')
  }
  const { bucket, version } = await requireVersion(call.tx, input)
  // AWS: kms:Decrypt is needed "If the object is encrypted with SSE-KMS" [Amazon S3 API reference, GetObjectAttributes].
  await openKey(call, bucket, version)
  const { checksum } = version
  return {
    LastModified: version.modified_at,
    VersionId: shownVersion(bucket, version),
    ETag: asked.has('ETag') ? version.etag : undefined, // without quotes here, as AWS answers
    Checksum:
      asked.has('Checksum') && checksum
        ? { [memberOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }
        : undefined,
    ObjectParts: asked.has('ObjectParts') ? partsPage(version, input.MaxParts, input.PartNumberMarker) : undefined,
    StorageClass: asked.has('StorageClass') ? (version.storage_class as 'STANDARD') : undefined,
    ObjectSize: asked.has('ObjectSize') ? version.size : undefined,
  }
}

function partsPage(
  { parts, checksum }: ObjectVersion,
  asked = 1000,
  marker = '0',
): GetObjectAttributesCommandOutput['ObjectParts'] {
  if (!parts) return undefined
  const MaxParts = Math.min(Math.max(asked, 0), 1000)
  const rest = parts.filter(([number]) => number > Number(marker))
  const page = rest.slice(0, MaxParts)
  const withChecksums = checksum && parts.every(part => part[2] !== null)
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: marker,
    NextPartNumberMarker: String(page.at(-1)?.[0] ?? 0),
    MaxParts,
    IsTruncated: rest.length > page.length,
    // AWS: parts are listed for objects whose parts have checksums of their own.
    Parts: withChecksums
      ? page.map(([PartNumber, Size, value]) => ({ PartNumber, Size, [memberOf(checksum.algorithm)]: value! }))
      : undefined,
  }
}
