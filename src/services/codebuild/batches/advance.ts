// Advances a batch: locks its row, asks the machine, starts and stops builds as the batch's role, saves, all in one transaction: a
// build exists exactly when the batch knows that it does.

import { assertNever } from '../../../core/assertNever.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { Call } from '../../../operation/call.ts'
import { findBuilds } from '../builds.ts'
import { batchArn, buildArn } from '../definition.ts'
import { type BatchRow, lockBatch, saveBatch } from './batches.ts'
import { type BatchEffect, type BatchEvent, decide, type Group } from './machine.ts'
import { memberDefinition } from './member.ts'
import { withOrder } from './memberOrder.ts'

/** Services of this house hear how batches get on; EventBridge does not, since AWS documents no such event [events-ref-codebuild]. */
export const BATCH_EVENT = { source: 'codeyard.codebuild', detailType: 'Build Batch State Change' } as const

/** How long a build waits that found no room in the account's queue. */
const LOOK_AGAIN_MS = 10_000

/** The row after `event`; undefined when there is no such batch. */
export async function advanceBatch(
  call: Call,
  id: string,
  event: BatchEvent,
  change?: Partial<BatchRow>,
): Promise<BatchRow | undefined> {
  const row = await lockBatch(call.tx, call.scope, id)
  return row && advanceLockedBatch(call, row, event, change)
}

/** The same for a row that this transaction has locked; `change` is saved along. */
export async function advanceLockedBatch(
  call: Call,
  locked: BatchRow,
  event: BatchEvent,
  change: Partial<BatchRow> = {},
): Promise<BatchRow> {
  let row: BatchRow = { ...locked, ...change }
  const effects: BatchEffect[] = []
  const apply = (happened: BatchEvent) => {
    const decision = decide(row.state, happened, call.now, () => `${row.project}:${call.ids.uuid()}`)
    const { state } = decision
    row = { ...row, state, status: state.status, ended_at: endOf(state) }
    effects.push(...decision.effects)
  }
  const waiting = new Set<string>()
  let over = false
  apply(event)
  // What came of an effect is known to the machine before the next one is carried out.
  for (let effect = effects.shift(); effect; effect = effects.shift()) {
    if (effect.type === 'over') over = true
    else for (const result of await carryOutEffect(call, row, effect, waiting)) apply(result)
  }
  await saveBatch(call.tx, row)
  if (over) await announceBatch(call, row)
  return row
}

const endOf = ({ status, phases }: BatchRow['state']) => (status === 'IN_PROGRESS' ? null : phases.at(-1)!.start)

async function carryOutEffect(
  call: Call,
  row: BatchRow,
  effect: Exclude<BatchEffect, { type: 'over' }>,
  waiting: Set<string>,
): Promise<BatchEvent[]> {
  switch (effect.type) {
    case 'begin':
      await beginBatch(call, row)
      return []
    case 'download':
      await call.addJob('downloadBatchspec', { id: row.id })
      return []
    case 'combine':
      await call.addJob('combineArtifacts', { id: row.id })
      return []
    case 'start': {
      const group = row.state.groups.find(({ plan }) => plan.identifier === effect.group.plan.identifier)!
      // An event in between may have started or given it up.
      if (group.current.status !== 'PENDING' || waiting.has(group.current.build)) return []
      return startMember(call, row, group, waiting)
    }
    case 'stop':
      await stopMember(call, row, effect.build)
      return []
    default:
      return assertNever(effect)
  }
}

/** SUBMITTED ends with a job; the batch's time begins. */
export async function beginBatch(call: Call, { account, region, id, definition }: BatchRow): Promise<void> {
  const key = `${account}:${region}:${id}`
  await call.addJob('moveBatch', { id, event: 'begun' })
  const minutes = definition.buildBatchConfig.timeoutInMins!
  const runAt = new Date(call.now.getTime() + minutes * 60_000)
  await call.addJob('moveBatch', { id, event: 'timedOut' }, { runAt, jobKey: `batch-timeout:${key}` })
}

export async function announceBatch(call: Call, row: BatchRow): Promise<void> {
  const arn = batchArn(row, row.id)
  const detail = { 'project-name': row.project, 'build-batch-id': arn, 'build-batch-status': row.status }
  await call.emit({ ...BATCH_EVENT, resources: [arn], detail })
}

const sessionName = ({ id }: BatchRow) => `AWSCodeBuild-${id.split(':')[1]}`

// AWS: the batch's role, not the project's, starts, stops and retries the builds [batch-build, security role].
const asBatchRole = (call: Call, row: BatchRow) =>
  call.as(row.definition.buildBatchConfig.serviceRole, sessionName(row)).invoke

async function startMember(call: Call, row: BatchRow, group: Group, waiting: Set<string>): Promise<BatchEvent[]> {
  const { build, retryOf } = group.current
  const definition = memberDefinition(row, group.plan)
  const order = { build, definition }
  const invoke = asBatchRole(call, row)
  try {
    const old = retryOf ? await findBuilds(call.tx, row, [retryOf]) : []
    if (retryOf && old.length > 0)
      await invoke('codebuild', 'RetryBuild', withOrder({ id: retryOf, idempotencyToken: build }, order))
    else
      await invoke('codebuild', 'StartBuild', withOrder({ projectName: row.project, idempotencyToken: build }, order))
    return [{ type: 'started', build }]
  } catch (error) {
    if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
    if (error.code === 'AccountLimitExceededException') {
      waiting.add(build)
      const jobKey = `batch-look:${row.account}:${row.region}:${row.id}`
      const runAt = new Date(call.now.getTime() + LOOK_AGAIN_MS)
      await call.addJob('moveBatch', { id: row.id, event: 'looked' }, { runAt, jobKey })
      return []
    }
    const context = { statusCode: statusCodeOf(error.code), message: `${group.plan.identifier}: ${error.message}` }
    return [{ type: 'refused', build, context }]
  }
}

const statusCodeOf = (code: string) => (/AccessDenied|NotAuthorized/.test(code) ? 'ACCESS_DENIED' : 'CLIENT_ERROR')

/** A role that may not stop a build leaves it running, as it would on AWS; the log of this house says so. */
async function stopMember(call: Call, row: BatchRow, build: string): Promise<void> {
  try {
    await asBatchRole(call, row)('codebuild', 'StopBuild', { id: build })
  } catch (error) {
    if (!isServiceError(error) || (error.status ?? 400) >= 500) throw error
    call.log.warn(
      { err: error, batch: row.id, build: buildArn(row, build) },
      'a batch could not stop one of its builds',
    )
  }
}
