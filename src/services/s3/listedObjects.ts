// One page of current objects in the words of both ListObjects operations.

import type { _Object, CommonPrefix } from '@aws-sdk/client-s3'
import type { Tx } from '../../store/tx.ts'
import type { Bucket } from './buckets.ts'
import { type Entry, type ListedObject, type ListInput, listCurrent, listOptions } from './listing.ts'
import { owner } from './owners.ts'

export interface ObjectsPage {
  readonly contents: _Object[]
  readonly commonPrefixes: CommonPrefix[]
  /** The last entry's name, when more follow. */
  readonly next: string | undefined
  readonly count: number
}

export async function objectsPage(
  tx: Tx,
  bucket: Bucket,
  input: ListInput,
  after: string,
  withOwner: boolean,
): Promise<ObjectsPage> {
  const { limit, write, prefix, delimiter } = listOptions(input)
  const entries =
    limit === 0 ? [] : await listCurrent(tx, { bucket: bucket.name, prefix, delimiter, after, limit: limit + 1 })
  const page = entries.slice(0, limit)
  const last = page.at(-1)
  return {
    contents: page.flatMap(entry =>
      'row' in entry ? [shown(entry.row, write, withOwner ? bucket.account : undefined)] : [],
    ),
    commonPrefixes: page.flatMap(entry => ('prefix' in entry ? [{ Prefix: write(entry.prefix) }] : [])),
    next: last && entries.length > limit ? nameOf(last) : undefined,
    count: page.length,
  }
}

export const nameOf = (entry: Entry<{ readonly key: string }>) => ('prefix' in entry ? entry.prefix : entry.row.key)

function shown(row: ListedObject, write: (text: string) => string, account: string | undefined): _Object {
  return {
    Key: write(row.key),
    LastModified: row.modified_at,
    ETag: `"${row.etag}"`,
    Size: row.size,
    StorageClass: row.storage_class as 'STANDARD',
    ...(row.algorithm
      ? { ChecksumAlgorithm: [row.algorithm as 'CRC32'], ChecksumType: row.checksum_type as 'COMPOSITE' }
      : {}),
    ...(account ? { Owner: owner(account) } : {}),
  }
}
