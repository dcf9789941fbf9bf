// What S3 does once a day for itself: bytes that a crash left without a row, answers that nobody will ask for again.

import type { OpenCall } from '../../operation/call.ts'
import type { Worker } from '../../operation/service.ts'
import { deleteLeftovers } from './blobs.ts'
import { forgetCompleted } from './uploads.ts'

const DAY = 24 * 60 * 60 * 1000

/** Task: tidies, and plans the next time. */
export async function tidy(call: OpenCall): Promise<void> {
  await planTidying(call, DAY)
  await deleteLeftovers(call)
  await call.transaction(({ tx }) => forgetCompleted(tx, new Date(call.now.getTime() - DAY)))
}

async function planTidying(call: OpenCall, delay: number): Promise<void> {
  const runAt = new Date(call.now.getTime() + delay)
  await call.transaction(inner => inner.addJob('tidy', {}, { runAt, jobKey: 's3.tidy' }))
}

/** Every process with jobs asks for it when it starts; the key makes it one job. */
export const tidying: Worker = {
  role: 'jobs',
  async start(openCall) {
    const home = openCall({ account: '000000000000', region: 'us-east-1' })
    await planTidying(home, 60_000)
    return async () => {}
  },
}
