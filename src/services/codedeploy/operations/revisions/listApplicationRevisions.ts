// ListApplicationRevisions: filtered by bucket, key prefix and use, sorted by a time.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { findApplication } from '../../applications.ts'
import { badToken, fail } from '../../errors.ts'
import { PAGE } from '../../paging.ts'
import type { RevisionRow } from '../../revisions.ts'

const COLUMNS = {
  registerTime: sql`registered_at`,
  firstUsedTime: sql`first_used_at`,
  lastUsedTime: sql`last_used_at`,
}

export const listApplicationRevisions: Handler<'codedeploy', 'ListApplicationRevisions'> = async (
  { tx, scope },
  input,
) => {
  const application = await findApplication(tx, scope, input.applicationName)
  if (input.s3KeyPrefix !== undefined && input.s3Bucket === undefined) {
    fail('BucketNameFilterRequiredException', 'A bucket name is required, but was not provided.')
  }
  const down = input.sortOrder === 'descending'
  // Never used sorts as the beginning of time, so that every row has a place.
  const time = sql`coalesce(${COLUMNS[input.sortBy ?? 'registerTime']}, 'epoch'::timestamptz)`
  const token = input.nextToken === undefined ? undefined : (readPageToken(input.nextToken) ?? badToken())
  const after = token
    ? down
      ? sql`and (${time}, r.key) < (${token[0]}::timestamptz, ${token[1]})`
      : sql`and (${time}, r.key) > (${token[0]}::timestamptz, ${token[1]})`
    : sql``
  const deployed =
    input.deployed === 'include'
      ? sql`and r.last_used_at is not null`
      : input.deployed === 'exclude'
        ? sql`and r.last_used_at is null`
        : sql``
  const rows = await tx.rows<Pick<RevisionRow, 'key' | 'location'> & { time: string }>`
    select r.key, r.location, (${time})::text as time from codedeploy.revisions r
    where r.application_id = ${application.id}
      and (${input.s3Bucket}::text is null or r.bucket = ${input.s3Bucket})
      and (${input.s3KeyPrefix}::text is null or starts_with(r.object_key, ${input.s3KeyPrefix}))
      ${deployed} ${after}
    order by ${time} ${down ? sql`desc` : sql`asc`}, r.key ${down ? sql`desc` : sql`asc`} limit ${PAGE + 1}`
  const { items, nextToken } = page(rows, PAGE, row => [row.time, row.key])
  return { revisions: items.map(row => row.location), nextToken }
}
