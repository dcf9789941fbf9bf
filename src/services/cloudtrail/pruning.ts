// Records are kept for 90 days: a job deletes older ones in bounded batches and comes back every hour.

import type { Scope } from '../../core/scope.ts'
import type { Task, Worker } from '../../operation/service.ts'
import { pruneEvents } from './events.ts'

/** AWS: event history covers the last 90 days (CloudTrail user guide). */
export const KEPT = 90 * 86_400_000
const BATCH = 2000
const HOUR = 3_600_000
const JOB_KEY = 'cloudtrail.prune'

const prune: Task = async call => {
  await call.transaction(async inner => {
    const deleted = await pruneEvents(inner.tx, new Date(inner.now.getTime() - KEPT), BATCH)
    const runAt = deleted === BATCH ? undefined : new Date(inner.now.getTime() + HOUR)
    await inner.addJob('prune', {}, { jobKey: JOB_KEY, ...(runAt && { runAt }) })
  })
}

export const tasks = { prune }

/** The job is for all accounts; its scope is only where it is filed. */
const ANYWHERE: Scope = { account: '000000000000', region: 'us-east-1' }

/** Sees to it, once at the start of a process, that the job is there. */
export const pruner: Worker = {
  role: 'jobs',
  async start(openCall) {
    await openCall(ANYWHERE).transaction(call => call.addJob('prune', {}, { jobKey: JOB_KEY }))
    return async () => {}
  },
}
