// CreateDeploymentConfig: how many hosts must stay healthy.

import type { Handler } from '../../../../operation/handler.ts'
import { BUILT_IN_CONFIGS } from '../../configs.ts'
import { fail } from '../../errors.ts'

export const createDeploymentConfig: Handler<'codedeploy', 'CreateDeploymentConfig'> = async (call, input) => {
  const name = input.deploymentConfigName
  const platform = input.computePlatform ?? 'Server'
  if (platform !== 'Server') {
    fail(
      'InvalidComputePlatformException',
      `Codeyard deploys to hosts (Server); the compute platform ${platform} is not supported yet.`,
    )
  }
  if (input.zonalConfig) {
    fail('InvalidZonalDeploymentConfigurationException', 'Codeyard has no availability zones to deploy to one by one.')
  }
  if (name.startsWith('CodeDeployDefault.')) {
    const taken = BUILT_IN_CONFIGS.some(config => config.name === name)
    if (taken)
      fail('DeploymentConfigAlreadyExistsException', `Deployment Configuration already exists with name: ${name}`)
    fail('InvalidDeploymentConfigNameException', 'Names that begin with CodeDeployDefault. are reserved.')
  }
  const { type, value } = input.minimumHealthyHosts ?? {}
  const most = type === 'FLEET_PERCENT' ? 100 : Number.MAX_SAFE_INTEGER
  if ((type !== 'FLEET_PERCENT' && type !== 'HOST_COUNT') || value === undefined || value < 0 || value > most) {
    fail(
      'InvalidMinimumHealthyHostValueException',
      'minimumHealthyHosts must be a HOST_COUNT or a FLEET_PERCENT of 0 to 100.',
    )
  }
  const id = call.ids.uuid()
  const inserted = await call.tx.run`
    insert into codedeploy.deployment_configs (account, region, name, id, minimum, created_at)
    values (${call.scope.account}, ${call.scope.region}, ${name}, ${id}, ${JSON.stringify({ type, value })}, ${call.now})
    on conflict do nothing`
  if (inserted === 0)
    fail('DeploymentConfigAlreadyExistsException', `Deployment Configuration already exists with name: ${name}`)
  return { deploymentConfigId: id }
}
