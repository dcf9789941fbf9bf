// What crashes leave of sessions.

import type { Task } from '../../../operation/service.ts'
import { deleteSession } from './sessions.ts'

const forgetSession: Task = async (call, { id }: { id: string }) => {
  await call.transaction(({ tx }) => deleteSession(tx, id))
}

export const tasks = { forgetSession }
