// Jobs of CodeBuild: what happens at a time, not because somebody calls.

import type { Task } from '../../operation/service.ts'
import { advance } from './advance.ts'

/** A build that still waits when its queued timeout is over ends as TIMED_OUT. */
const queueTimeout: Task = (call, { id }: { id: string }) =>
  call.transaction(async inner => {
    await advance(inner, id, { type: 'queueTimedOut' })
  })

export const tasks = { queueTimeout }
