// Deployment groups: rows, their checks and their wire shape.

import type {
  CreateDeploymentGroupInput,
  DeploymentGroupInfo,
  LastDeploymentInfo,
  RevisionLocation,
  UpdateDeploymentGroupInput,
} from '@aws-sdk/client-codedeploy'
import type { Tx } from '../../store/tx.ts'
import type { ApplicationRow } from './applications.ts'
import { fail, noGroup } from './errors.ts'

/** What the caller configured, kept in the wire's form. */
export type GroupSettings = Pick<
  DeploymentGroupInfo,
  | 'onPremisesInstanceTagFilters'
  | 'onPremisesTagSet'
  | 'triggerConfigurations'
  | 'alarmConfiguration'
  | 'autoRollbackConfiguration'
  | 'deploymentStyle'
  | 'outdatedInstancesStrategy'
  | 'terminationHookEnabled'
>

export interface LastDeployment {
  readonly deploymentId: string
  readonly status: NonNullable<LastDeploymentInfo['status']>
  /** ISO times. */
  readonly createTime: string
  readonly endTime?: string
}

export interface GroupRow {
  readonly id: string
  readonly application_id: string
  readonly name: string
  readonly config_name: string
  readonly service_role_arn: string
  readonly settings: GroupSettings
  readonly target_revision: RevisionLocation | null
  readonly last_attempted: LastDeployment | null
  readonly last_successful: LastDeployment | null
}

export async function findGroup(tx: Tx, application: ApplicationRow, name: string | undefined): Promise<GroupRow> {
  const [row] = await findGroups(tx, application, name === undefined ? [] : [name])
  return row ?? noGroup(name)
}

export const findGroups = (tx: Tx, application: ApplicationRow, names: readonly string[]) =>
  tx.rows<GroupRow>`
    select id, application_id, name, config_name, service_role_arn, settings, target_revision, last_attempted, last_successful
    from codedeploy.deployment_groups where application_id = ${application.id} and name = any(${names}) order by name`

type SettingsInput = CreateDeploymentGroupInput | UpdateDeploymentGroupInput

const KEPT = [
  'onPremisesInstanceTagFilters',
  'onPremisesTagSet',
  'triggerConfigurations',
  'alarmConfiguration',
  'autoRollbackConfiguration',
  'deploymentStyle',
  'outdatedInstancesStrategy',
  'terminationHookEnabled',
] as const

/** Takes what Codeyard carries out, and refuses by name what it does not: a group that would deploy to nothing is no help. */
export function readSettings(input: SettingsInput): GroupSettings {
  refuseUnsupported(input)
  if (input.onPremisesInstanceTagFilters?.length && input.onPremisesTagSet?.onPremisesTagSetList?.length) {
    fail(
      'InvalidOnPremisesTagCombinationException',
      'A call was submitted that specified both OnPremisesTagFilters and OnPremisesTagSet, but only one of these data types can be used in a single call.',
    )
  }
  if ((input.onPremisesTagSet?.onPremisesTagSetList?.length ?? 0) > 3) {
    fail(
      'TagSetListLimitExceededException',
      'The number of tag groups included in the tag set list exceeded the maximum allowed limit of 3.',
    )
  }
  if ((input.triggerConfigurations?.length ?? 0) > 10) {
    fail('TriggerTargetsLimitExceededException', 'The maximum allowed number of triggers was exceeded.')
  }
  if ((input.alarmConfiguration?.alarms?.length ?? 0) > 10) {
    fail('AlarmsLimitExceededException', 'The maximum number of alarms for a deployment group (10) was exceeded.')
  }
  const rollback = input.autoRollbackConfiguration
  if (rollback?.enabled && !rollback.events?.length) {
    fail('InvalidAutoRollbackConfigException', 'Auto rollback is enabled, but no events that trigger it are given.')
  }
  return Object.fromEntries(KEPT.filter(name => input[name] !== undefined).map(name => [name, input[name]]))
}

function refuseUnsupported(input: SettingsInput): void {
  const { deploymentStyle: style } = input
  if (style?.deploymentType === 'BLUE_GREEN' || input.blueGreenDeploymentConfiguration) {
    fail('InvalidDeploymentStyleException', 'Codeyard deploys IN_PLACE; BLUE_GREEN deployments are not supported yet.')
  }
  const balanced = input.loadBalancerInfo
  if (
    style?.deploymentOption === 'WITH_TRAFFIC_CONTROL' ||
    balanced?.elbInfoList?.length ||
    balanced?.targetGroupInfoList?.length ||
    balanced?.targetGroupPairInfoList?.length
  ) {
    fail(
      'InvalidLoadBalancerInfoException',
      'Codeyard has no load balancers yet: use WITHOUT_TRAFFIC_CONTROL and no loadBalancerInfo.',
    )
  }
  if (input.autoScalingGroups?.length) {
    fail(
      'InvalidAutoScalingGroupException',
      `Codeyard has no Auto Scaling yet; the group ${input.autoScalingGroups[0]} does not exist.`,
    )
  }
  if (input.ec2TagFilters?.length || input.ec2TagSet?.ec2TagSetList?.length) {
    fail(
      'InvalidEC2TagException',
      'Codeyard has no EC2 instances yet: register hosts as on-premises instances and select them by onPremisesInstanceTagFilters.',
    )
  }
  if (input.ecsServices?.length) fail('InvalidECSServiceException', 'Codeyard does not deploy to Amazon ECS yet.')
}

export function groupInfo(application: ApplicationRow, row: GroupRow): DeploymentGroupInfo {
  const last = (deployment: LastDeployment | null): LastDeploymentInfo | undefined =>
    deployment
      ? {
          ...deployment,
          createTime: new Date(deployment.createTime),
          endTime: deployment.endTime ? new Date(deployment.endTime) : undefined,
        }
      : undefined
  return {
    applicationName: application.name,
    deploymentGroupId: row.id,
    deploymentGroupName: row.name,
    deploymentConfigName: row.config_name,
    serviceRoleArn: row.service_role_arn,
    ec2TagFilters: [],
    onPremisesInstanceTagFilters: [],
    autoScalingGroups: [],
    triggerConfigurations: [],
    outdatedInstancesStrategy: 'UPDATE',
    deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' },
    computePlatform: application.compute_platform,
    terminationHookEnabled: false,
    ...row.settings,
    targetRevision: row.target_revision ?? undefined,
    lastAttemptedDeployment: last(row.last_attempted),
    lastSuccessfulDeployment: last(row.last_successful),
  }
}
