// Carries out a bucket's lifecycle rules, a batch a transaction, and comes back the next midnight.

import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { Call, OpenCall } from '../../operation/call.ts'
import { type Sql, sql } from '../../store/sql.ts'
import { release } from './blobs.ts'
import { type Bucket, closeBucket, findBucket, getSetting } from './buckets.ts'
import { type Deletion, deleteVersions } from './deleteVersions.ts'
import { dueBefore, nextRun, selectionOf } from './lifecycleRules.ts'
import { successor } from './names.ts'
import { deleteUpload } from './uploads.ts'

const BATCH = 500

/** Plans the next run of `bucket`'s rules; there is at most one. */
export async function planExpiry(call: Call, bucket: string): Promise<void> {
  await call.addJob('expire', { bucket }, { runAt: nextRun(call.now), jobKey: `s3.expire.${bucket}` })
}

/** Task. */
export async function expire(call: OpenCall, { bucket: name }: { bucket: string }): Promise<void> {
  const rules = await call.transaction(async inner => {
    if (!(await findBucket(inner.tx, name))) return []
    const found = (await getSetting(inner.tx, name, 'lifecycle')) ?? []
    if (found.length > 0) await planExpiry(inner, name)
    return found
  })
  for (const rule of rules) {
    if (rule.Status !== 'Enabled') continue
    for (const step of stepsOf(rule, call.now)) {
      while (await call.transaction(inner => step(inner, name)));
    }
  }
}

/** Does one batch; true when there may be more. */
type Step = (call: Call, bucket: string) => Promise<boolean>

function stepsOf(rule: LifecycleRule, now: Date): Step[] {
  const { Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule
  const steps: Step[] = []
  const wanted = selected(rule)
  const date = Expiration?.Date && new Date(Expiration.Date)
  const before = Expiration?.Days ? dueBefore(Expiration.Days, now) : date && date <= now ? now : undefined
  if (before) steps.push(deleting(bucket => currentObjects(bucket, wanted, before)))
  const { NoncurrentDays, NewerNoncurrentVersions = 0 } = NoncurrentVersionExpiration ?? {}
  if (NoncurrentDays) {
    const left = dueBefore(NoncurrentDays, now)
    steps.push(deleting(bucket => oldVersions(bucket, wanted, left, NewerNoncurrentVersions)))
  }
  // Last of all, because the steps before may have left markers alone. AWS: with `Days` they go when they are as old.
  const markersBefore = Expiration?.ExpiredObjectDeleteMarker ? now : Expiration?.Days ? before : undefined
  if (markersBefore) steps.push(deleting(bucket => lonelyMarkers(bucket, wanted, markersBefore)))
  const days = AbortIncompleteMultipartUpload?.DaysAfterInitiation
  if (days) steps.push((call, bucket) => abortUploads(call, bucket, selectionOf(rule).prefix, dueBefore(days, now)))
  return steps
}

function deleting(find: (bucket: string) => Sql): Step {
  return async (call, name) => {
    const bucket: Bucket = await closeBucket(call.tx, { Bucket: name })
    const due = await call.tx.rows<{ key: string; version: string | null }>`${find(name)} limit ${BATCH}`
    const deletions: Deletion[] = due.map(({ key, version }) => ({ Key: key, VersionId: version ?? undefined }))
    await deleteVersions(call, bucket, deletions, 'Lifecycle Expiration')
    return due.length === BATCH
  }
}

function selected(rule: LifecycleRule): Sql {
  const { prefix, tags, larger, smaller } = selectionOf(rule)
  return sql`${keysBelow(prefix)} and o.tags @> ${JSON.stringify(tags)}::jsonb
    and (${larger}::bigint is null or o.size > ${larger}) and (${smaller}::bigint is null or o.size < ${smaller})`
}

function keysBelow(prefix: string): Sql {
  const end = prefix === '' ? undefined : successor(prefix)
  return end === undefined ? sql`key >= ${prefix}` : sql`key >= ${prefix} and key < ${end}`
}

const currentObjects = (bucket: string, wanted: Sql, before: Date) => sql`
  select key, null as version from s3.objects o
  where bucket = ${bucket} and latest and not delete_marker and modified_at <= ${before} and ${wanted}`

/** Delete markers of which nothing is left below. */
const lonelyMarkers = (bucket: string, wanted: Sql, before: Date) => sql`
  select key, version_id as version from s3.objects o
  where bucket = ${bucket} and latest and delete_marker and modified_at <= ${before} and ${wanted}
    and not exists (select 1 from s3.objects older where older.bucket = o.bucket and older.key = o.key and not older.latest)`

/** A version is noncurrent since the next newer one was written. */
const oldVersions = (bucket: string, wanted: Sql, before: Date, keep: number) => sql`
  select key, version from (
    select key, version_id as version, lag(modified_at) over newest as since, row_number() over newest as place
    from s3.objects o where bucket = ${bucket} and ${wanted}
    window newest as (partition by key order by position desc)) versions
  where place > 1 + ${keep}::int and since <= ${before}`

async function abortUploads(call: Call, bucket: string, prefix: string, before: Date): Promise<boolean> {
  const due = await call.tx.rows<{ id: string }>`
    select id from s3.uploads where bucket = ${bucket} and completed is null and initiated_at <= ${before} and ${keysBelow(prefix)}
    limit ${BATCH} for update`
  for (const { id } of due) await release(call, await deleteUpload(call.tx, id))
  return due.length === BATCH
}
