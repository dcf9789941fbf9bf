// Which permission on which resource each operation needs [auth-and-access-control-permissions-reference].

import type { Access, AccessCall } from '../../operation/service.ts'
import { applicationArn, configArn, groupArn, instanceArn } from './arns.ts'

export async function access({ tx, scope }: AccessCall, operation: string, input: any): Promise<Access[]> {
  const action = `codedeploy:${operation}`
  const application = String(input.applicationName ?? '')
  if (typeof input.ResourceArn === 'string') return [{ action, resource: input.ResourceArn }]
  switch (operation) {
    case 'BatchGetApplications':
      return (input.applicationNames ?? []).map((name: string) => ({ action, resource: applicationArn(scope, name) }))
    case 'BatchGetDeploymentGroups':
      return (input.deploymentGroupNames ?? []).map((name: string) => ({
        action,
        resource: groupArn(scope, application, name),
      }))
    case 'ListDeploymentGroups':
      return [{ action, resource: groupArn(scope, application, '*') }]
    case 'CreateDeploymentGroup':
    case 'GetDeploymentGroup':
    case 'DeleteDeploymentGroup':
    case 'CreateDeployment':
      return [{ action, resource: groupArn(scope, application, input.deploymentGroupName ?? '*') }]
    case 'UpdateDeploymentGroup':
      return [{ action, resource: groupArn(scope, application, input.currentDeploymentGroupName) }]
    case 'ListDeployments':
      return [
        {
          action,
          resource: input.applicationName ? groupArn(scope, application, input.deploymentGroupName ?? '*') : '*',
        },
      ]
    case 'CreateDeploymentConfig':
    case 'GetDeploymentConfig':
    case 'DeleteDeploymentConfig':
      return [{ action, resource: configArn(scope, input.deploymentConfigName) }]
    case 'RegisterOnPremisesInstance':
    case 'DeregisterOnPremisesInstance':
    case 'GetOnPremisesInstance':
      return [{ action, resource: instanceArn(scope, input.instanceName) }]
    case 'AddTagsToOnPremisesInstances':
    case 'RemoveTagsFromOnPremisesInstances':
    case 'BatchGetOnPremisesInstances':
      return (input.instanceNames ?? []).map((name: string) => ({ action, resource: instanceArn(scope, name) }))
  }
  const ids: string[] = input.deploymentId ? [input.deploymentId] : (input.deploymentIds ?? [])
  if (ids.length > 0) {
    const rows = await tx.rows<{ application_name: string; group_name: string }>`
      select distinct application_name, group_name from codedeploy.deployments
      where account = ${scope.account} and region = ${scope.region} and id = any(${ids})`
    if (rows.length === 0) return [{ action, resource: groupArn(scope, '*', '*') }]
    return rows.map(row => ({ action, resource: groupArn(scope, row.application_name, row.group_name) }))
  }
  return [{ action, resource: input.applicationName ? applicationArn(scope, application) : '*' }]
}
