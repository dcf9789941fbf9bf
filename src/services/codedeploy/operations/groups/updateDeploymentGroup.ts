// UpdateDeploymentGroup: what is given replaces what was; what is not given stays.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { groupArn } from '../../arns.ts'
import { findConfig } from '../../configs.ts'
import { fail } from '../../errors.ts'
import { findGroup, findGroups, readSettings } from '../../groups.ts'
import { checkRole } from './createDeploymentGroup.ts'

export const updateDeploymentGroup: Handler<'codedeploy', 'UpdateDeploymentGroup'> = async ({ tx, scope }, input) => {
  const application = await findApplication(tx, scope, input.applicationName)
  const group = await findGroup(tx, application, input.currentDeploymentGroupName)
  const name = input.newDeploymentGroupName ?? group.name
  if (name !== group.name && (await findGroups(tx, application, [name])).length > 0) {
    fail('DeploymentGroupAlreadyExistsException', `Deployment group name already exists for application: ${name}`)
  }
  if (input.serviceRoleArn) checkRole(input.serviceRoleArn)
  const config = input.deploymentConfigName
    ? (await findConfig(tx, scope, input.deploymentConfigName)).name
    : group.config_name
  const given = readSettings(input)
  // Of filters and sets of tags only one can be there: the newer one replaces the other.
  const { onPremisesInstanceTagFilters, onPremisesTagSet, ...rest } = group.settings
  const kept = given.onPremisesInstanceTagFilters || given.onPremisesTagSet ? rest : group.settings
  await tx.run`
    update codedeploy.deployment_groups set name = ${name}, config_name = ${config},
      service_role_arn = ${input.serviceRoleArn ?? group.service_role_arn},
      settings = ${JSON.stringify({ ...kept, ...given })}
    where id = ${group.id}`
  if (name !== group.name)
    await tx.run`update codedeploy.deployments set group_name = ${name} where group_id = ${group.id}`
  await tx.run`
    update codedeploy.tags set arn = ${groupArn(scope, application.name, name)}
    where account = ${scope.account} and region = ${scope.region} and arn = ${groupArn(scope, application.name, group.name)}`
  return { hooksNotCleanedUp: [] }
}
