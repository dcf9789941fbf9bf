// Which blobs are in use. Copies share blobs, so each counts its uses; unused ones are deleted by a job after a grace time.

import type { Call, OpenCall } from '../../operation/call.ts'
import type { Tx } from '../../store/tx.ts'
import type { Segment } from './ranges.ts'

/** The owner's name in the blob store. */
export const BLOB_OWNER = 's3'
/** Readers who began before an object was replaced have so long to finish. */
const GRACE = 60 * 60 * 1000
/** Bytes without a row are an upload still running, or what a crash left: older ones are the latter. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1000

/** Takes a just written blob into the books. */
export async function adopt(tx: Tx, blob: string): Promise<void> {
  await tx.run`insert into s3.blobs (id, uses) values (${blob}, 1)`
}

/** One more use for each segment; false when a blob is about to go (its object was deleted meanwhile). */
export async function retain(tx: Tx, segments: readonly Segment[]): Promise<boolean> {
  const uses = count(segments)
  const kept = await tx.run`
    with wanted as (select * from unnest(${[...uses.keys()]}::text[], ${[...uses.values()]}::int[]) as t(id, times)),
      locked as (select b.id from s3.blobs b join wanted using (id) where b.uses > 0 order by b.id for update)
    update s3.blobs b set uses = b.uses + w.times from wanted w join locked using (id) where b.id = w.id`
  return kept === uses.size
}

/** One use less for each segment; enqueues the deletion of what nobody uses any more. */
export async function release(call: Call, segments: readonly Segment[]): Promise<void> {
  const uses = count(segments)
  if (uses.size === 0) return
  const freed = await call.tx.rows<{ uses: number }>`
    with gone as (select * from unnest(${[...uses.keys()]}::text[], ${[...uses.values()]}::int[]) as t(id, times)),
      locked as (select b.id from s3.blobs b join gone using (id) order by b.id for update)
    update s3.blobs b set uses = b.uses - g.times,
      unused_since = case when b.uses = g.times then ${call.now}::timestamptz end
    from gone g join locked using (id) where b.id = g.id
    returning b.uses`
  if (freed.some(blob => blob.uses === 0)) await deleteLater(call)
}

/** One job a minute, however many objects are deleted in it. */
async function deleteLater(call: Call): Promise<void> {
  const minute = Math.ceil((call.now.getTime() + GRACE) / 60_000)
  await call.addJob(
    'deleteUnusedBlobs',
    {},
    { runAt: new Date(minute * 60_000), jobKey: `s3.deleteUnusedBlobs.${minute}` },
  )
}

function count(segments: readonly Segment[]): Map<string, number> {
  const uses = new Map<string, number>()
  for (const [blob] of segments) uses.set(blob, (uses.get(blob) ?? 0) + 1)
  return uses
}

/** Task: deletes blobs that have been unused for the grace time. */
export async function deleteUnusedBlobs(call: OpenCall): Promise<void> {
  const before = new Date(call.now.getTime() - GRACE)
  for (let found = 1; found > 0; ) {
    found = await call.transaction(async ({ tx }) => {
      const unused = await tx.rows<{ id: string }>`
        select id from s3.blobs where uses = 0 and unused_since <= ${before}
        order by unused_since limit 100 for update skip locked`
      for (const { id } of unused) await call.blobs.delete(id)
      await tx.run`delete from s3.blobs where id = any(${unused.map(({ id }) => id)}::text[])`
      return unused.length
    })
  }
}

/** Deletes bytes that no row names: a process died between writing them and committing their object. */
export async function deleteLeftovers(call: OpenCall): Promise<number> {
  const before = new Date(call.now.getTime() - LEFTOVER_AGE)
  let batch: string[] = []
  let deleted = 0
  const flush = async () => {
    const known = await call.read(
      ({ tx }) => tx.rows<{ id: string }>`select id from s3.blobs where id = any(${batch}::text[])`,
    )
    const kept = new Set(known.map(({ id }) => id))
    for (const id of batch) {
      if (kept.has(id)) continue
      await call.blobs.delete(id)
      deleted++
    }
    batch = []
  }
  for await (const id of call.blobs.list(BLOB_OWNER, before)) {
    batch.push(id)
    if (batch.length === 1000) await flush()
  }
  if (batch.length > 0) await flush()
  return deleted
}
