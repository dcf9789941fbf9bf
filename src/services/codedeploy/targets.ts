// Targets as callers see them, with a word about hosts that are silent while something waits for them.

import type { DeploymentTarget, InstanceSummary, LifecycleEvent as WireEvent } from '@aws-sdk/client-codedeploy'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import type { TargetRow } from './deployments.ts'
import { isSilent, lastSeenSentence } from './diagnostics.ts'
import { fail } from './errors.ts'
import type { LifecycleEvent } from './machine.ts'

export interface SeenTargetRow extends TargetRow {
  readonly last_seen_at: Date | null
}

/** By id or ARN. */
export const findTargets = (tx: Tx, scope: Scope, deploymentId: string, ids: readonly string[]) =>
  tx.rows<SeenTargetRow>`
    select t.deployment_id, t.target_id, t.arn, t.host_identifier, t.status, t.events, t.updated_at, i.last_seen_at
    from codedeploy.targets t left join codedeploy.on_premises_instances i
      on i.account = ${scope.account} and i.region = ${scope.region} and i.name = t.target_id
    where t.deployment_id = ${deploymentId} and (t.target_id = any(${ids}) or t.arn = any(${ids})) order by t.ordinal`

export const noTarget = (id: string | undefined) =>
  fail('DeploymentTargetDoesNotExistException', `The target ID ${id} does not belong to the deployment.`)

export function deploymentTarget(row: SeenTargetRow, now: Date): DeploymentTarget {
  return {
    deploymentTargetType: 'InstanceTarget',
    instanceTarget: {
      deploymentId: row.deployment_id,
      targetId: row.target_id,
      targetArn: row.arn,
      status: row.status,
      lastUpdatedAt: row.updated_at,
      lifecycleEvents: row.events.map(event => wireEvent(event, row, now)),
    },
  }
}

export function instanceSummary(row: SeenTargetRow, now: Date): InstanceSummary {
  return {
    deploymentId: row.deployment_id,
    instanceId: row.arn,
    status: row.status,
    lastUpdatedAt: row.updated_at,
    lifecycleEvents: row.events.map(event => wireEvent(event, row, now)),
  }
}

// DEVIATES: while an event waits for a host that does not poll, its diagnostics say when the agent was last seen.
function wireEvent(event: LifecycleEvent, row: SeenTargetRow, now: Date): WireEvent {
  const waits = event.status === 'InProgress' && isSilent(row.last_seen_at, now)
  return {
    lifecycleEventName: event.name,
    status: event.status,
    startTime: event.startTime ? new Date(event.startTime) : undefined,
    endTime: event.endTime ? new Date(event.endTime) : undefined,
    diagnostics:
      event.diagnostics ??
      (waits
        ? {
            errorCode: 'UnknownError',
            scriptName: '',
            message: lastSeenSentence(row.target_id, row.last_seen_at, now),
            logTail: '',
          }
        : undefined),
  }
}
