// Enqueueing: graphile-worker's add_job inside the caller's transaction.

import { sql } from '../store/sql.ts'
import type { Tx } from '../store/tx.ts'

export interface JobRequest {
  /** `codepipeline.advance` */
  readonly task: string
  readonly payload: object
  readonly now: Date
  /** Absent: at once. */
  readonly runAt?: Date
  readonly jobKey?: string
  readonly maxAttempts?: number
}

/** Adds a job that runs when the transaction commits, or at `runAt` when that is later. */
export async function addJob(
  tx: Tx,
  { task, payload, now, runAt, jobKey, maxAttempts = 25 }: JobRequest,
): Promise<void> {
  // "At once" is the earlier of our clock and the database's: a machine whose clock runs ahead must not delay its jobs.
  const due = runAt ? sql`${runAt}::timestamptz` : sql`least(now(), ${now}::timestamptz)`
  await tx.run`
    select graphile_worker.add_job(
      ${task}::text, ${JSON.stringify(payload)}::json, null, ${due}, ${maxAttempts}::int, ${jobKey ?? null}::text)`
}
