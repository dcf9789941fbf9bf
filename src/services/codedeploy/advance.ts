// Moves a deployment on in the caller's transaction: lock, decide, save, and carry out the effects as rows, jobs and events.

import { assertNever } from '../../core/assertNever.ts'
import type { Call } from '../../operation/call.ts'
import { announceDeployment, announceTarget } from './announce.ts'
import { cancelCommand, putCommand } from './commandQueue.ts'
import { type DeploymentRow, lockDeployment, saveState, stateOf, type TargetRow, targetsOf } from './deployments.ts'
import { type DeploymentState, decide, type Effect, isOver, type MachineEvent } from './machine.ts'
import { rollBack, wantsRollback } from './rollback.ts'

/** AWS: a lifecycle event that is not done after an hour has failed. */
const EVENT_TIMEOUT_MS = 3_600_000
/** A host ends its scripts after an hour itself: its own report is better than ours. */
const GRACE_MS = 60_000

/** Answers the state after `event`; undefined when there is no such deployment. */
export async function advance(call: Call, id: string, event: MachineEvent): Promise<DeploymentState | undefined> {
  const row = await lockDeployment(call.tx, id)
  if (!row) return undefined
  const targets = await targetsOf(call.tx, id)
  const before = stateOf(row, targets)
  const { state, effects } = decide(before, event, call.now)
  if (state === before) return before
  await saveState(call.tx, id, before, state)
  for (const effect of effects) await carryOut(call, { row, targets, state }, effect)
  if (isOver(state.status)) await finish(call, row, state)
  return state
}

interface Moved {
  readonly row: DeploymentRow
  readonly targets: readonly TargetRow[]
  readonly state: DeploymentState
}

async function carryOut(call: Call, moved: Moved, effect: Effect): Promise<void> {
  const { row } = moved
  switch (effect.type) {
    case 'dispatch': {
      const host = moved.targets.find(target => target.target_id === effect.target)!.host_identifier
      const { target, event } = effect
      await putCommand(call.tx, call.scope, {
        id: call.ids.uuid(),
        deploymentId: row.id,
        target,
        event,
        host,
        now: call.now,
      })
      return expireAt(call, row.id, effect, EVENT_TIMEOUT_MS)
    }
    case 'prolong':
      return expireAt(call, row.id, effect, EVENT_TIMEOUT_MS + GRACE_MS)
    case 'cancel':
      return cancelCommand(call.tx, row.id, effect.target, effect.event)
    case 'targetChanged':
      if (effect.state !== 'START') {
        await call.tx.run`
          insert into codedeploy.host_health (group_id, target_id, status, revision_key)
          values (${row.group_id}, ${effect.target}, ${effect.state === 'SUCCESS' ? 'Succeeded' : 'Failed'}, ${row.revision_key})
          on conflict (group_id, target_id) do update set status = excluded.status, revision_key = excluded.revision_key`
      }
      return announceTarget(call, row, moved.state, effect)
    case 'deploymentChanged':
      return announceDeployment(call, row, moved.state, effect.state)
    default:
      return assertNever(effect)
  }
}

const expireAt = (call: Call, id: string, { target, event }: { target: string; event: string }, afterMs: number) =>
  call.addJob(
    'expire',
    { deploymentId: id, target, event },
    { runAt: new Date(call.now.getTime() + afterMs), jobKey: `codedeploy/${id}/${target}` },
  )

async function finish(call: Call, row: DeploymentRow, state: DeploymentState): Promise<void> {
  const last = JSON.stringify({
    deploymentId: row.id,
    status: state.status,
    createTime: row.created_at.toISOString(),
    endTime: call.now.toISOString(),
  })
  await call.tx.run`
    update codedeploy.deployment_groups set last_attempted = ${last}::jsonb,
      last_successful = case when ${state.status} = 'Succeeded' then ${last}::jsonb else last_successful end
    where id = ${row.group_id}`
  if (wantsRollback(row, state)) await rollBack(call, row)
}
