// Makes a deployment: its targets in order of health, its row, and the job that starts it. Callers and rollbacks both do.

import type { RevisionLocation } from '@aws-sdk/client-codedeploy'
import { UPPER_ALPHANUMERIC } from '../../core/ids.ts'
import type { Call } from '../../operation/call.ts'
import type { ApplicationRow } from './applications.ts'
import type { DeploymentRequest } from './deployments.ts'
import type { GroupRow } from './groups.ts'
import { HEALTH_ORDER, type MinimumHealthyHosts, revisionHealth } from './health.ts'
import { hostIdentifier, isMeantBy, registeredInstances } from './instances.ts'
import { IN_PLACE_EVENTS } from './machine.ts'
import { registerRevision, revisionKey, revisionLocation, type S3Revision } from './revisions.ts'

export interface NewDeployment {
  readonly application: ApplicationRow
  readonly group: GroupRow
  readonly request: DeploymentRequest
  readonly requested: S3Revision
  /** The object as it is now. */
  readonly pinned: S3Revision
  readonly minimum: MinimumHealthyHosts
  readonly creator: 'user' | 'codeDeployRollback'
  /** The deployment whose failure this one repairs. */
  readonly repairs?: string
}

/** Answers the new id, or the id of the deployment that is active in the group. */
export async function createDeploymentRow(
  call: Call,
  made: NewDeployment,
): Promise<{ id: string } | { active: string }> {
  const { tx, scope, now } = call
  const { application, group, request } = made
  const id = `d-${call.ids.text(9, UPPER_ALPHANUMERIC)}`
  const key = revisionKey(made.pinned)
  const rollback = made.repairs ? { rollbackTriggeringDeploymentId: made.repairs } : undefined
  const inserted = await tx.run`
    insert into codedeploy.deployments (id, account, region, application_name, group_id, group_name, status, creator,
      request, revision, revision_key, previous_revision, minimum, rollback, created_at)
    values (${id}, ${scope.account}, ${scope.region}, ${application.name}, ${group.id}, ${group.name}, 'Created',
      ${made.creator}, ${JSON.stringify(request)}, ${JSON.stringify(revisionLocation(made.pinned))}, ${key},
      ${await lastGoodRevision(call, group)}, ${JSON.stringify(made.minimum)},
      ${rollback ? JSON.stringify(rollback) : undefined}, ${now})
    on conflict (group_id) where status not in ('Succeeded', 'Failed', 'Stopped') do nothing`
  if (inserted === 0) {
    const active = await tx.one<{ id: string }>`
      select id from codedeploy.deployments
      where group_id = ${group.id} and status not in ('Succeeded', 'Failed', 'Stopped')`
    return { active: active?.id ?? '' }
  }
  await registerRevision(tx, application, made.requested, { now, used: true })
  await insertTargets(call, id, made, key)
  const last = { deploymentId: id, status: 'Created', createTime: now.toISOString() }
  await tx.run`
    update codedeploy.deployment_groups
    set last_attempted = ${JSON.stringify(last)}, target_revision = ${JSON.stringify(request.revision)} where id = ${group.id}`
  await call.addJob('start', { deploymentId: id })
  return { id }
}

async function lastGoodRevision({ tx }: Call, group: GroupRow): Promise<string | undefined> {
  if (!group.last_successful) return undefined
  const row = await tx.one<{ revision: RevisionLocation }>`
    select revision from codedeploy.deployments where id = ${group.last_successful.deploymentId}`
  return row ? JSON.stringify(row.revision) : undefined
}

/** AWS: first the failed, then the unknown, then those with an older revision, then those with this one [instances-health]. */
async function insertTargets({ tx, scope, now }: Call, id: string, made: NewDeployment, key: string): Promise<void> {
  const instances = (await registeredInstances(tx, scope)).filter(instance => isMeantBy(made.group.settings, instance))
  const before = await tx.rows<{ target_id: string; status: string; revision_key: string }>`
    select target_id, status, revision_key from codedeploy.host_health where group_id = ${made.group.id}`
  const lastOf = new Map(before.map(row => [row.target_id, { status: row.status, revisionKey: row.revision_key }]))
  const ranked = instances
    .map(instance => ({ instance, health: revisionHealth(lastOf.get(instance.name), key) }))
    .filter(({ health }) => !made.request.updateOutdatedInstancesOnly || health !== 'current')
    .sort((a, b) => HEALTH_ORDER.indexOf(a.health) - HEALTH_ORDER.indexOf(b.health))
  const events = JSON.stringify(IN_PLACE_EVENTS.map(name => ({ name, status: 'Pending' })))
  const rows = ranked.map(({ instance }, ordinal) => ({
    target_id: instance.name,
    ordinal,
    arn: instance.arn,
    host_identifier: hostIdentifier(instance),
  }))
  await tx.run`
    insert into codedeploy.targets (deployment_id, target_id, ordinal, arn, host_identifier, status, events, updated_at)
    select ${id}, r.target_id, r.ordinal, r.arn, r.host_identifier, 'Pending', ${events}::jsonb, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(target_id text, ordinal integer, arn text, host_identifier text)`
}
