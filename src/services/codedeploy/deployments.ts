// Deployments and their targets as rows: read for the machine, written back, shown to callers.

import type { AutoRollbackConfiguration, DeploymentInfo, RevisionLocation } from '@aws-sdk/client-codedeploy'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { noDeployment } from './errors.ts'
import type { MinimumHealthyHosts } from './health.ts'
import type { DeploymentError, DeploymentState, DeploymentStatus, LifecycleEvent, TargetStatus } from './machine.ts'

/** What was asked for; it never changes. */
export interface DeploymentRequest {
  /** As the caller wrote it; the row's own revision is pinned to a version and an ETag. */
  readonly revision: RevisionLocation
  readonly configName: string
  readonly description?: string
  readonly ignoreApplicationStopFailures: boolean
  readonly updateOutdatedInstancesOnly: boolean
  readonly fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  readonly autoRollbackConfiguration?: AutoRollbackConfiguration
}

export interface DeploymentRow {
  readonly id: string
  readonly application_name: string
  readonly group_id: string
  readonly group_name: string
  readonly status: DeploymentStatus
  readonly creator: 'user' | 'codeDeployRollback'
  readonly request: DeploymentRequest
  readonly revision: RevisionLocation
  readonly revision_key: string
  readonly previous_revision: RevisionLocation | null
  readonly minimum: MinimumHealthyHosts
  readonly error: DeploymentError | null
  readonly stopping: DeploymentState['stopping'] | null
  readonly rollback: DeploymentInfo['rollbackInfo'] | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly completed_at: Date | null
}

export interface TargetRow {
  readonly deployment_id: string
  readonly target_id: string
  readonly arn: string
  readonly host_identifier: string
  readonly status: TargetStatus
  readonly events: readonly LifecycleEvent[]
  readonly updated_at: Date
}

export const findDeployments = (tx: Tx, scope: Scope, ids: readonly string[]) =>
  tx.rows<DeploymentRow>`
    select id, application_name, group_id, group_name, status, creator, request, revision, revision_key, previous_revision,
      minimum, error, stopping, rollback, created_at, started_at, completed_at
    from codedeploy.deployments where account = ${scope.account} and region = ${scope.region} and id = any(${ids})
    order by created_at desc, id desc`

export async function findDeployment(tx: Tx, scope: Scope, id: string): Promise<DeploymentRow> {
  return (await findDeployments(tx, scope, [id]))[0] ?? noDeployment(id)
}

/** Locks the deployment until the transaction ends. */
export const lockDeployment = (tx: Tx, id: string) =>
  tx.one<DeploymentRow>`
    select id, application_name, group_id, group_name, status, creator, request, revision, revision_key, previous_revision,
      minimum, error, stopping, rollback, created_at, started_at, completed_at
    from codedeploy.deployments where id = ${id} for update`

export const targetsOf = (tx: Tx, id: string) =>
  tx.rows<TargetRow>`
    select deployment_id, target_id, arn, host_identifier, status, events, updated_at
    from codedeploy.targets where deployment_id = ${id} order by ordinal`

export function stateOf(row: DeploymentRow, targets: readonly TargetRow[]): DeploymentState {
  return {
    status: row.status,
    minimum: row.minimum,
    ignoreApplicationStopFailures: row.request.ignoreApplicationStopFailures,
    targets: targets.map(target => ({
      id: target.target_id,
      status: target.status,
      events: target.events,
      updatedAt: target.updated_at.toISOString(),
    })),
    ...(row.started_at ? { startTime: row.started_at.toISOString() } : {}),
    ...(row.completed_at ? { completeTime: row.completed_at.toISOString() } : {}),
    ...(row.error ? { error: row.error } : {}),
    ...(row.stopping ? { stopping: row.stopping } : {}),
  }
}

/** Writes what differs between the two states. */
export async function saveState(tx: Tx, id: string, before: DeploymentState, after: DeploymentState): Promise<void> {
  for (const [index, target] of after.targets.entries()) {
    if (target === before.targets[index]) continue
    await tx.run`
      update codedeploy.targets
      set status = ${target.status}, events = ${JSON.stringify(target.events)}, updated_at = ${target.updatedAt}::timestamptz
      where deployment_id = ${id} and target_id = ${target.id}`
  }
  const unchanged = before.status === after.status && before.stopping === after.stopping
  if (unchanged) return
  await tx.run`
    update codedeploy.deployments set status = ${after.status}, started_at = ${after.startTime}::timestamptz,
      completed_at = ${after.completeTime}::timestamptz, error = ${after.error ? JSON.stringify(after.error) : undefined},
      stopping = ${after.stopping ? JSON.stringify(after.stopping) : undefined}
    where id = ${id}`
}

/** Counts of targets by status, of many deployments at once. */
export async function overviews(tx: Tx, ids: readonly string[]): Promise<Map<string, Record<string, number>>> {
  const rows = await tx.rows<{ deployment_id: string; status: string; count: number }>`
    select deployment_id, status, count(*)::int as count from codedeploy.targets
    where deployment_id = any(${ids}) group by deployment_id, status`
  const found = new Map<string, Record<string, number>>()
  for (const { deployment_id, status, count } of rows) {
    const overview = found.get(deployment_id) ?? {
      Pending: 0,
      InProgress: 0,
      Succeeded: 0,
      Failed: 0,
      Skipped: 0,
      Ready: 0,
    }
    overview[status] = count
    found.set(deployment_id, overview)
  }
  return found
}

export function deploymentInfo(row: DeploymentRow, overview: Record<string, number> | undefined): DeploymentInfo {
  const { request } = row
  return {
    applicationName: row.application_name,
    deploymentGroupName: row.group_name,
    deploymentConfigName: request.configName,
    deploymentId: row.id,
    previousRevision: row.previous_revision ?? undefined,
    revision: row.revision,
    status: row.status,
    errorInformation: row.error ? (row.error as DeploymentInfo['errorInformation']) : undefined,
    createTime: row.created_at,
    startTime: row.started_at ?? undefined,
    completeTime: row.completed_at ?? undefined,
    deploymentOverview: overview,
    description: request.description,
    creator: row.creator,
    ignoreApplicationStopFailures: request.ignoreApplicationStopFailures,
    autoRollbackConfiguration: request.autoRollbackConfiguration,
    updateOutdatedInstancesOnly: request.updateOutdatedInstancesOnly,
    rollbackInfo: row.rollback ?? undefined,
    deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
    instanceTerminationWaitTimeStarted: false,
    fileExistsBehavior: request.fileExistsBehavior,
    deploymentStatusMessages: [],
    computePlatform: 'Server',
  }
}
