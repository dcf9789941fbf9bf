// DeleteDeploymentConfig: not while a group uses it, and never AWS's own.

import type { Handler } from '../../../../operation/handler.ts'
import { BUILT_IN_CONFIGS } from '../../configs.ts'
import { fail } from '../../errors.ts'

export const deleteDeploymentConfig: Handler<'codedeploy', 'DeleteDeploymentConfig'> = async ({ tx, scope }, input) => {
  const name = input.deploymentConfigName
  if (BUILT_IN_CONFIGS.some(config => config.name === name)) {
    fail('InvalidOperationException', `The predefined deployment configuration ${name} cannot be deleted.`)
  }
  const used = await tx.one`
    select 1 from codedeploy.deployment_groups g join codedeploy.applications a on a.id = g.application_id
    where g.config_name = ${name} and a.account = ${scope.account} and a.region = ${scope.region} limit 1`
  if (used) fail('DeploymentConfigInUseException', `The deployment configuration ${name} is still in use.`)
  await tx.run`
    delete from codedeploy.deployment_configs
    where account = ${scope.account} and region = ${scope.region} and name = ${name}`
  return {}
}
