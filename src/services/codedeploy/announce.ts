// Tells the world: EventBridge events with AWS's detail, and SNS triggers of the group [monitoring-cloudwatch-events, sns].

import type { TriggerConfig } from '@aws-sdk/client-codedeploy'
import type { Call } from '../../operation/call.ts'
import { applicationArn, groupArn } from './arns.ts'
import type { DeploymentRow } from './deployments.ts'
import type { DeploymentState } from './machine.ts'

type DeploymentChange = 'START' | 'SUCCESS' | 'FAILURE' | 'STOP'

const TRIGGERS = {
  START: 'Start',
  SUCCESS: 'Success',
  FAILURE: 'Failure',
  STOP: 'Stop',
} as const

export async function announceDeployment(
  call: Call,
  row: DeploymentRow,
  state: DeploymentState,
  change: DeploymentChange,
): Promise<void> {
  await call.emit({
    source: 'aws.codedeploy',
    detailType: 'CodeDeploy Deployment State-change Notification',
    resources: resourcesOf(call, row),
    detail: detailOf(call, row, change),
  })
  const status =
    change === 'START' ? 'CREATED' : change === 'STOP' ? 'STOPPED' : change === 'SUCCESS' ? 'SUCCEEDED' : 'FAILED'
  await trigger(call, row, {
    event: `Deployment${TRIGGERS[change]}`,
    subject: `${status}: AWS CodeDeploy ${row.id} in ${call.scope.region} to ${row.application_name}`,
    message: deploymentMessage(call, row, state, status),
  })
}

export const announceRollback = (call: Call, row: DeploymentRow, by: string) =>
  trigger(call, row, {
    event: 'DeploymentRollback',
    subject: `ROLLBACK: AWS CodeDeploy ${row.id} in ${call.scope.region} to ${row.application_name}`,
    message: {
      region: call.scope.region,
      accountId: call.scope.account,
      applicationName: row.application_name,
      deploymentGroupName: row.group_name,
      deploymentId: row.id,
      rollbackInformation: JSON.stringify({ RollbackDeploymentId: by, RollbackTriggeringDeploymentId: row.id }),
      status: 'ROLLBACK',
    },
  })

export async function announceTarget(
  call: Call,
  row: DeploymentRow,
  state: DeploymentState,
  { target, state: change }: { target: string; state: 'START' | 'SUCCESS' | 'FAILURE' },
): Promise<void> {
  await call.emit({
    source: 'aws.codedeploy',
    detailType: 'CodeDeploy Instance State-change Notification',
    resources: resourcesOf(call, row),
    detail: { instanceId: target, ...detailOf(call, row, change) },
  })
  const status = change === 'START' ? 'InProgress' : change === 'SUCCESS' ? 'Succeeded' : 'Failed'
  const events = state.targets.find(candidate => candidate.id === target)?.events ?? []
  await trigger(call, row, {
    event: `Instance${TRIGGERS[change]}`,
    subject: `${status.toUpperCase()}: AWS CodeDeploy ${row.id} in ${call.scope.region} to ${row.application_name}`,
    message: {
      region: call.scope.region,
      accountId: call.scope.account,
      deploymentId: row.id,
      instanceId: target,
      lastUpdatedAt: String(call.now.getTime() / 1000),
      instanceStatus: status,
      lifecycleEvents: JSON.stringify(
        events.map(event => ({
          LifecycleEvent: event.name,
          LifecycleEventStatus: event.status,
          StartTime: event.startTime,
          EndTime: event.endTime,
        })),
      ),
    },
  })
}

const resourcesOf = ({ scope }: Call, row: DeploymentRow) => [
  applicationArn(scope, row.application_name),
  groupArn(scope, row.application_name, row.group_name),
]

const detailOf = ({ scope }: Call, row: DeploymentRow, state: string) => ({
  region: scope.region,
  deploymentId: row.id,
  instanceGroupId: row.group_id,
  deploymentGroup: row.group_name,
  state,
  application: row.application_name,
})

function deploymentMessage(
  call: Call,
  row: DeploymentRow,
  state: DeploymentState,
  status: string,
): Record<string, unknown> {
  const count = (wanted: string) => state.targets.filter(target => target.status === wanted).length
  return {
    region: call.scope.region,
    accountId: call.scope.account,
    applicationName: row.application_name,
    deploymentId: row.id,
    deploymentGroupName: row.group_name,
    createTime: row.created_at.toUTCString(),
    ...(state.completeTime ? { completeTime: new Date(state.completeTime).toUTCString() } : {}),
    deploymentOverview: JSON.stringify({
      Succeeded: count('Succeeded'),
      Failed: count('Failed'),
      Skipped: count('Skipped'),
      InProgress: count('InProgress'),
      Pending: count('Pending'),
    }),
    status,
    ...(state.error
      ? { errorInformation: JSON.stringify({ ErrorCode: state.error.code, ErrorMessage: state.error.message }) }
      : {}),
  }
}

interface Notice {
  readonly event: string
  readonly subject: string
  readonly message: Readonly<Record<string, unknown>>
}

/** A job for each topic that wants it: a topic that is gone must not fail the deployment. */
async function trigger(call: Call, row: DeploymentRow, { event, subject, message }: Notice): Promise<void> {
  const group = await call.tx.one<{ role: string; triggers: TriggerConfig[] | null }>`
    select service_role_arn as role, settings->'triggerConfigurations' as triggers
    from codedeploy.deployment_groups where id = ${row.group_id}`
  for (const config of group?.triggers ?? []) {
    if (!config.triggerTargetArn || !config.triggerEvents?.some(wanted => wanted === event)) continue
    await call.addJob(
      'publish',
      {
        role: group!.role,
        topic: config.triggerTargetArn,
        subject: subject.slice(0, 100),
        message: JSON.stringify({ ...message, eventTriggerName: config.triggerName }),
      },
      { maxAttempts: 5 },
    )
  }
}
