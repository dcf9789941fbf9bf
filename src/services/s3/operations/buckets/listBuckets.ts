// ListBuckets: the caller's own, by name.

import { pageToken, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { bucketArn, listBuckets as rowsOf } from '../../buckets.ts'
import { failArgument } from '../../errors.ts'
import { successor } from '../../names.ts'
import { owner } from '../../owners.ts'

export const listBuckets: Handler<'s3', 'ListBuckets'> = async ({ tx, scope }, input) => {
  const { Prefix = '', MaxBuckets: limit = 10_000 } = input
  if (limit < 1 || limit > 10_000)
    failArgument('max-buckets', limit, 'Argument max-buckets must be an integer between 1 and 10000')
  const after = readToken(input.ContinuationToken)
  const rows = await rowsOf(tx, scope.account, {
    after,
    from: Prefix,
    before: Prefix ? successor(Prefix) : undefined,
    region: input.BucketRegion,
    limit: limit + 1,
  })
  const page = rows.slice(0, limit)
  return {
    Owner: owner(scope.account),
    Prefix: input.Prefix,
    ContinuationToken: rows.length > limit ? pageToken([page.at(-1)!.name]) : undefined,
    Buckets: page.map(bucket => ({
      Name: bucket.name,
      CreationDate: bucket.created_at,
      BucketArn: bucketArn(bucket.name),
      // AWS: the region is shown when the request names one of its parameters.
      BucketRegion:
        input.MaxBuckets || input.Prefix || input.BucketRegion || input.ContinuationToken ? bucket.region : undefined,
    })),
  }
}

function readToken(token: string | undefined): string {
  if (token === undefined) return ''
  const [name] = readPageToken(token) ?? []
  if (typeof name === 'string') return name
  return failArgument('continuation-token', token, 'The continuation token provided is incorrect')
}
