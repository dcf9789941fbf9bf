// GetDeploymentConfig: AWS's own ones too.

import type { Handler } from '../../../../operation/handler.ts'
import { configInfo, findConfig } from '../../configs.ts'

export const getDeploymentConfig: Handler<'codedeploy', 'GetDeploymentConfig'> = async ({ tx, scope }, input) => ({
  deploymentConfigInfo: configInfo(await findConfig(tx, scope, input.deploymentConfigName)),
})
