// ListObjectsV2: current objects by key; the continuation token is the last entry of the page before.

import { pageToken, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { requireBucket } from '../../buckets.ts'
import { failArgument } from '../../errors.ts'
import { objectsPage } from '../../listedObjects.ts'
import { listOptions } from '../../listing.ts'

export const listObjectsV2: Handler<'s3', 'ListObjectsV2'> = async ({ tx }, input) => {
  const bucket = await requireBucket(tx, input)
  const { limit, write, prefix } = listOptions(input)
  const after = readToken(input.ContinuationToken) ?? input.StartAfter ?? ''
  const page = await objectsPage(tx, bucket, input, after, input.FetchOwner ?? false)
  return {
    Name: bucket.name,
    Prefix: write(prefix),
    Delimiter: input.Delimiter && write(input.Delimiter),
    StartAfter: input.StartAfter && write(input.StartAfter),
    EncodingType: input.EncodingType,
    MaxKeys: limit,
    KeyCount: page.count,
    IsTruncated: page.next !== undefined,
    ContinuationToken: input.ContinuationToken,
    NextContinuationToken: page.next === undefined ? undefined : pageToken([page.next]),
    Contents: page.contents,
    CommonPrefixes: page.commonPrefixes,
  }
}

function readToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined
  const [key] = readPageToken(token) ?? []
  if (typeof key === 'string') return key
  return failArgument('continuation-token', token, 'The continuation token provided is incorrect')
}
