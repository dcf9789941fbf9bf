// Jobs of CloudWatch: evaluating alarms, notifying their topics, and letting old data grow coarse and go.

import type { Scope } from '../../core/scope.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call } from '../../operation/call.ts'
import type { Task, Worker } from '../../operation/service.ts'
import { judged } from './alarmDefinition.ts'
import { lockAlarm } from './alarms.ts'
import { evaluate, stepOf } from './evaluation.ts'
import { deleteHistory, HISTORY_KEPT, record } from './history.ts'
import { deleteIdleMetrics } from './metrics.ts'
import { floorTo } from './period.ts'
import { deletePoints, widenPoints } from './points.ts'

/** How long after the end of a period its data is waited for. */
const GRACE = 5_000

/** The alarm is looked at when its period ended, or at once. */
export async function scheduleEvaluation(call: Call, name: string, runAt?: Date): Promise<void> {
  const { account, region } = call.scope
  const jobKey = `cloudwatch.evaluate/${account}/${region}/${name}`
  await call.addJob('evaluate', { name }, { jobKey, ...(runAt && { runAt }) })
}

const evaluateTask: Task = async (call, { name }: { name: string }) => {
  await call.transaction(async inner => {
    const row = await lockAlarm(inner.tx, inner.scope, name)
    if (!row) return
    await evaluate(inner, row)
    const step = stepOf(judged(row.definition, row.state))
    const next = floorTo(inner.now, step).getTime() + step * 1000
    await scheduleEvaluation(inner, name, new Date(next + Math.min(GRACE, step * 100)))
  })
}

interface Action {
  readonly alarm: string
  readonly action: string
  readonly subject: string
  readonly message: string
  readonly state: string
}

/** Tells a topic. What SNS itself refuses stands in the history; what passes (a lost database) is tried again. */
const act: Task = async (call, { alarm, action, subject, message, state }: Action) => {
  let error: string | undefined
  try {
    await call.asService.invoke('sns', 'Publish', { TopicArn: action, Subject: subject, Message: message })
  } catch (caught) {
    if (!isServiceError(caught) || caught.code === 'InternalFailure') throw caught
    error = caught.message
    call.log.warn({ alarm, action, code: caught.code, reason: error }, 'an alarm could not notify its topic')
  }
  await call.transaction(inner =>
    record(inner, alarm, {
      type: 'Action',
      summary:
        error === undefined
          ? `Successfully executed action ${action}`
          : `Failed to execute action ${action}. Received error: "${error}"`,
      data: {
        actionState: error === undefined ? 'Succeeded' : 'Failed',
        notificationResource: action,
        stateUpdateValue: state,
        error: error ?? null,
      },
    }),
  )
}

const BATCH = 2000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const KEPT = 455 * DAY

// AWS: one-second data is there for 3 hours, minutes for 15 days, five minutes for 63 days, hours for 455 days.
const AGES = [
  { from: 1, to: 60, age: 3 * HOUR },
  { from: 60, to: 300, age: 15 * DAY },
  { from: 300, to: 3600, age: 63 * DAY },
]

const age: Task = async call => {
  await call.transaction(async inner => {
    const before = (milliseconds: number) => new Date(inner.now.getTime() - milliseconds)
    let most = 0
    for (const { from, to, age } of AGES)
      most = Math.max(most, await widenPoints(inner.tx, { from, to, before: floorTo(before(age), to), limit: BATCH }))
    most = Math.max(most, await deletePoints(inner.tx, 3600, before(KEPT), BATCH))
    most = Math.max(most, await deleteIdleMetrics(inner.tx, before(KEPT), BATCH))
    most = Math.max(most, await deleteHistory(inner.tx, before(HISTORY_KEPT), BATCH))
    const runAt = most === BATCH ? undefined : new Date(inner.now.getTime() + HOUR)
    await inner.addJob('age', {}, { jobKey: AGE_KEY, ...(runAt && { runAt }) })
  })
}

const AGE_KEY = 'cloudwatch.age'

export const tasks = { evaluate: evaluateTask, act, age }

/** The job is for all accounts; its scope is only where it is filed. */
const ANYWHERE: Scope = { account: '000000000000', region: 'us-east-1' }

/** Sees to it, once at the start of a process, that the job is there. */
export const ager: Worker = {
  role: 'jobs',
  async start(openCall) {
    await openCall(ANYWHERE).transaction(call => call.addJob('age', {}, { jobKey: AGE_KEY }))
    return async () => {}
  },
}
