// ListObjectVersions: versions and delete markers, newest first for each key.

import type { DeleteMarkerEntry, ObjectVersion } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { requireBucket } from '../../buckets.ts'
import { failArgument } from '../../errors.ts'
import { nameOf } from '../../listedObjects.ts'
import { type ListedVersion, listOptions, listVersions } from '../../listing.ts'
import { findVersion } from '../../objects.ts'
import { positionOf } from '../../orderedIds.ts'
import { owner } from '../../owners.ts'

export const listObjectVersions: Handler<'s3', 'ListObjectVersions'> = async ({ tx }, input) => {
  const bucket = await requireBucket(tx, input)
  const { limit, write, prefix, delimiter } = listOptions(input)
  const { KeyMarker = '', VersionIdMarker } = input
  if (VersionIdMarker && !KeyMarker) {
    failArgument('version-id-marker', VersionIdMarker, 'A version-id marker cannot be specified without a key marker.')
  }
  // A marker whose version was deleted meanwhile still says where to go on: its id carries its place.
  const at = VersionIdMarker
    ? (positionOf(VersionIdMarker) ?? (await findVersion(tx, bucket.name, KeyMarker, VersionIdMarker))?.position)
    : undefined
  const query = { bucket: bucket.name, prefix, delimiter, after: KeyMarker, limit: limit + 1 }
  const entries = limit === 0 ? [] : await listVersions(tx, query, at)
  const page = entries.slice(0, limit)
  const rows = page.flatMap(entry => ('row' in entry ? [entry.row] : []))
  const last = entries.length > limit ? page.at(-1) : undefined
  return {
    Name: bucket.name,
    Prefix: write(prefix),
    Delimiter: input.Delimiter && write(input.Delimiter),
    KeyMarker: write(KeyMarker),
    VersionIdMarker: VersionIdMarker ?? '',
    EncodingType: input.EncodingType,
    MaxKeys: limit,
    IsTruncated: last !== undefined,
    NextKeyMarker: last && write(nameOf(last)),
    NextVersionIdMarker: last && 'row' in last ? last.row.version_id : undefined,
    Versions: rows.filter(row => !row.delete_marker).map(row => shownVersion(row, write, bucket.account)),
    DeleteMarkers: rows.filter(row => row.delete_marker).map(row => shownMarker(row, write, bucket.account)),
    CommonPrefixes: page.flatMap(entry => ('prefix' in entry ? [{ Prefix: write(entry.prefix) }] : [])),
  }
}

function shownMarker(row: ListedVersion, write: (text: string) => string, account: string): DeleteMarkerEntry {
  return {
    Key: write(row.key),
    VersionId: row.version_id,
    IsLatest: row.latest,
    LastModified: row.modified_at,
    Owner: owner(account),
  }
}

function shownVersion(row: ListedVersion, write: (text: string) => string, account: string): ObjectVersion {
  return {
    ...shownMarker(row, write, account),
    ETag: `"${row.etag}"`,
    Size: row.size,
    StorageClass: row.storage_class as 'STANDARD',
    ...(row.algorithm
      ? { ChecksumAlgorithm: [row.algorithm as 'CRC32'], ChecksumType: row.checksum_type as 'COMPOSITE' }
      : {}),
  }
}
