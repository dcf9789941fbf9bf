// The exceptions of CodeDeploy with the sentences that it repeats.

import { ServiceError } from '../../core/serviceError.ts'
import { failWith } from '../../operation/fail.ts'
import type { Violation } from '../../operation/service.ts'

export const fail = failWith<'codedeploy'>()

// AWS: texts as clients report them.
export const noApplication = (name: string | undefined) =>
  fail('ApplicationDoesNotExistException', `No application found for name: ${name}`)
export const noGroup = (name: string | undefined) =>
  fail('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`)
export const noDeployment = (id: string | undefined) =>
  fail('DeploymentDoesNotExistException', `The deployment ${id} could not be found`)
export const noConfig = (name: string | undefined) =>
  fail('DeploymentConfigDoesNotExistException', `No Deployment Configuration found for name: ${name}`)
export const notRegistered = (name: string | undefined) =>
  fail('InstanceNotRegisteredException', `The on-premises instance is not registered: ${name}`)
export const badToken = () => fail('InvalidNextTokenException', 'The provided next token is not valid.')

/** CodeDeploy has an exception for each missing or malformed name. */
const CONSTRAINTS: Readonly<Record<string, { missing?: string; invalid?: string }>> = {
  applicationName: { missing: 'ApplicationNameRequiredException', invalid: 'InvalidApplicationNameException' },
  newApplicationName: { invalid: 'InvalidApplicationNameException' },
  applicationNames: { missing: 'ApplicationNameRequiredException', invalid: 'InvalidApplicationNameException' },
  deploymentGroupName: {
    missing: 'DeploymentGroupNameRequiredException',
    invalid: 'InvalidDeploymentGroupNameException',
  },
  deploymentGroupNames: {
    missing: 'DeploymentGroupNameRequiredException',
    invalid: 'InvalidDeploymentGroupNameException',
  },
  currentDeploymentGroupName: {
    missing: 'DeploymentGroupNameRequiredException',
    invalid: 'InvalidDeploymentGroupNameException',
  },
  newDeploymentGroupName: { invalid: 'InvalidDeploymentGroupNameException' },
  deploymentConfigName: {
    missing: 'DeploymentConfigNameRequiredException',
    invalid: 'InvalidDeploymentConfigNameException',
  },
  deploymentId: { missing: 'DeploymentIdRequiredException', invalid: 'InvalidDeploymentIdException' },
  deploymentIds: { missing: 'DeploymentIdRequiredException', invalid: 'InvalidDeploymentIdException' },
  targetId: { missing: 'DeploymentTargetIdRequiredException', invalid: 'InvalidDeploymentTargetIdException' },
  targetIds: { missing: 'DeploymentTargetIdRequiredException', invalid: 'InvalidDeploymentTargetIdException' },
  instanceId: { missing: 'InstanceIdRequiredException' },
  instanceIds: { missing: 'InstanceIdRequiredException' },
  instanceName: { missing: 'InstanceNameRequiredException', invalid: 'InvalidInstanceNameException' },
  instanceNames: { missing: 'InstanceNameRequiredException', invalid: 'InvalidInstanceNameException' },
  revision: { missing: 'RevisionRequiredException', invalid: 'InvalidRevisionException' },
  revisions: { missing: 'RevisionRequiredException', invalid: 'InvalidRevisionException' },
  serviceRoleArn: { missing: 'RoleRequiredException', invalid: 'InvalidRoleException' },
  tags: { missing: 'TagRequiredException', invalid: 'InvalidTagException' },
  Tags: { missing: 'TagRequiredException', invalid: 'InvalidTagsToAddException' },
  TagKeys: { missing: 'TagRequiredException' },
  ResourceArn: { missing: 'ResourceArnRequiredException', invalid: 'InvalidArnException' },
  computePlatform: { invalid: 'InvalidComputePlatformException' },
  minimumHealthyHosts: { invalid: 'InvalidMinimumHealthyHostValueException' },
  deploymentStyle: { invalid: 'InvalidDeploymentStyleException' },
  fileExistsBehavior: { invalid: 'InvalidFileExistsBehaviorException' },
  includeOnlyStatuses: { invalid: 'InvalidDeploymentStatusException' },
  registrationStatus: { invalid: 'InvalidRegistrationStatusException' },
  sortBy: { invalid: 'InvalidSortByException' },
  sortOrder: { invalid: 'InvalidSortOrderException' },
  deployed: { invalid: 'InvalidDeployedStateFilterException' },
  tagFilters: { invalid: 'InvalidTagFilterException' },
  onPremisesInstanceTagFilters: { invalid: 'InvalidTagException' },
  onPremisesTagSet: { invalid: 'InvalidTagException' },
  ec2TagFilters: { invalid: 'InvalidEC2TagException' },
  autoRollbackConfiguration: { invalid: 'InvalidAutoRollbackConfigException' },
  triggerConfigurations: { invalid: 'InvalidTriggerConfigException' },
  alarmConfiguration: { invalid: 'InvalidAlarmConfigException' },
  iamUserArn: { invalid: 'InvalidIamUserArnException' },
  iamSessionArn: { invalid: 'InvalidIamSessionArnException' },
  instanceStatusFilter: { invalid: 'InvalidInstanceStatusException' },
  instanceTypeFilter: { invalid: 'InvalidInstanceTypeException' },
}

export function constraintError(_operation: string, violation: Violation): ServiceError | undefined {
  const exceptions = CONSTRAINTS[violation.path.split(/[.[]/)[0] ?? '']
  const code = violation.kind === 'required' ? exceptions?.missing : (exceptions?.invalid ?? exceptions?.missing)
  return code ? new ServiceError(code, violation.message) : undefined
}
