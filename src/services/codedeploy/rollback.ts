// A rollback is a new deployment of the group's last good revision [deployments-rollback-and-redeploy].

import type { DeploymentInfo } from '@aws-sdk/client-codedeploy'
import type { Call } from '../../operation/call.ts'
import { announceRollback } from './announce.ts'
import type { ApplicationRow } from './applications.ts'
import { createDeploymentRow } from './createDeploymentRow.ts'
import { type DeploymentRow, findDeployments } from './deployments.ts'
import type { GroupRow } from './groups.ts'
import type { DeploymentState } from './machine.ts'
import { readRevision } from './revisions.ts'

/** Rollbacks themselves are never rolled back. */
export function wantsRollback(row: DeploymentRow, state: DeploymentState): boolean {
  if (row.creator === 'codeDeployRollback') return false
  const { enabled, events = [] } = row.request.autoRollbackConfiguration ?? {}
  if (state.status === 'Failed') return enabled === true && events.includes('DEPLOYMENT_FAILURE')
  if (state.status !== 'Stopped') return false
  return state.stopping?.rollback ?? (enabled === true && events.includes('DEPLOYMENT_STOP_ON_REQUEST'))
}

export async function rollBack(call: Call, failed: DeploymentRow): Promise<void> {
  const { tx, scope } = call
  const found = await tx.one<
    GroupRow & { application: string; compute_platform: 'Server'; application_created_at: Date }
  >`
    select g.id, g.application_id, g.name, g.config_name, g.service_role_arn, g.settings, g.target_revision, g.last_attempted,
      g.last_successful, a.name as application, a.compute_platform, a.created_at as application_created_at
    from codedeploy.deployment_groups g join codedeploy.applications a on a.id = g.application_id where g.id = ${failed.group_id}`
  const [good] = found?.last_successful ? await findDeployments(tx, scope, [found.last_successful.deploymentId]) : []
  if (!found || !good) {
    return note(call, failed.id, {
      rollbackMessage: `No rollback: the deployment group ${failed.group_name} has no successful deployment to go back to.`,
    })
  }
  const application: ApplicationRow = {
    id: found.application_id,
    name: found.application,
    compute_platform: found.compute_platform,
    created_at: found.application_created_at,
  }
  const made = await createDeploymentRow(call, {
    application,
    group: found,
    request: { ...good.request, configName: failed.request.configName, updateOutdatedInstancesOnly: false },
    requested: readRevision(good.request.revision),
    pinned: readRevision(good.revision),
    minimum: failed.minimum,
    creator: 'codeDeployRollback',
    repairs: failed.id,
  })
  if ('active' in made) {
    return note(call, failed.id, {
      rollbackMessage: `No rollback: the deployment ${made.active} is active in the group.`,
    })
  }
  await note(call, failed.id, {
    rollbackDeploymentId: made.id,
    rollbackMessage: `Rolled back to the revision of ${good.id} by ${made.id}.`,
  })
  await announceRollback(call, failed, made.id)
}

const note = async ({ tx }: Call, id: string, info: NonNullable<DeploymentInfo['rollbackInfo']>) => {
  await tx.run`update codedeploy.deployments set rollback = ${JSON.stringify(info)} where id = ${id}`
}
