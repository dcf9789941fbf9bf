// Jobs of CodeBuild: what happens at a time, not because somebody calls.

import type { Task } from '../../operation/service.ts'
import { advance } from './advance.ts'
import { statusTasks } from './batchStatus.ts'
import { fleetTasks } from './fleets/tasks.ts'
import { deleteReport, reportKey } from './reports.ts'
import { advanceSandbox } from './sandboxes/advance.ts'
import { webhookDelivery } from './webhooks/deliver.ts'
import { deleteHook } from './webhooks/leaveProvider.ts'

/** A build that still waits when its queued timeout is over ends as TIMED_OUT. */
const queueTimeout: Task = (call, { id }: { id: string }) =>
  call.transaction(async inner => {
    await advance(inner, id, { type: 'queueTimedOut' })
  })

/** A report's 30 days are over. */
const expireReport: Task = async (call, { arn }: { arn: string }) => {
  const key = reportKey(call.scope, arn)
  if (key) await call.transaction(({ tx, scope }) => deleteReport(tx, scope, key))
}

/** The same for a sandbox. */
const sandboxQueueTimeout: Task = (call, { id }: { id: string }) =>
  call.transaction(async inner => {
    await advanceSandbox(inner, id, { type: 'queueTimedOut' })
  })

export const tasks = {
  sandboxQueueTimeout,
  deleteHook,
  webhookDelivery,
  ...statusTasks,
  expireReport,
  queueTimeout,
  ...fleetTasks,
}
