// Cleaning up in bounded batches: what was deleted by name, and what is past its group's retention.

import type { OpenCall } from '../../operation/call.ts'
import type { Task } from '../../operation/service.ts'
import { deleteChunksOfGroup, deleteChunksOfStream, deleteExpiredChunks, deleteStreamsOfGroup } from './chunks.ts'
import { deleteDataKeys } from './encryption.ts'
import { expiredBefore, groupsWithRetention } from './retention.ts'

/** Rows in one transaction: a chunk is up to 1 MB. */
const BATCH = 500
const HOUR = 3_600_000

/** Streams first: they wait for writers that still hold one, so that no chunk comes after the last batch. */
const purgeGroup: Task = async (call, { groupId }: { groupId: number }) => {
  await inBatches(call, 'purgeGroup', { groupId }, async tx => {
    const streams = await deleteStreamsOfGroup(tx, groupId, BATCH)
    if (streams === BATCH) return streams
    const chunks = await deleteChunksOfGroup(tx, groupId, BATCH)
    if (chunks < BATCH) await deleteDataKeys(tx, groupId)
    return chunks
  })
}

const purgeStream: Task = async (call, { streamId }: { streamId: number }) => {
  await inBatches(call, 'purgeStream', { streamId }, tx => deleteChunksOfStream(tx, streamId, BATCH))
}

/** Deletes one batch; when it was full, the rest is another job in the same transaction. */
async function inBatches(
  call: OpenCall,
  task: string,
  payload: Record<string, unknown>,
  remove: (tx: Parameters<typeof deleteStreamsOfGroup>[0]) => Promise<number>,
) {
  await call.transaction(async inner => {
    if ((await remove(inner.tx)) === BATCH) await inner.addJob(task, payload)
  })
}

/** Deletes expired chunks of the scope's groups; comes back at once while there is more, else in an hour. */
const expire: Task = async (call, { after = 0 }: { after?: number }) => {
  await call.transaction(async inner => {
    const groups = await groupsWithRetention(inner.tx, inner.scope, after, BATCH)
    let room = BATCH
    let done = after
    for (const group of groups) {
      const cutoff = expiredBefore(inner.now, group.retention_days)
      room -= await deleteExpiredChunks(inner.tx, group.id, cutoff, room)
      if (room === 0) break
      done = group.id
    }
    const jobKey = `logs.expire/${inner.scope.account}/${inner.scope.region}`
    if (room === 0 || groups.length === BATCH) await inner.addJob('expire', { after: done }, { jobKey })
    else if (groups.length > 0 || after > 0)
      await inner.addJob('expire', {}, { jobKey, runAt: new Date(inner.now.getTime() + HOUR) })
  })
}

export const tasks = { purgeGroup, purgeStream, expire }
