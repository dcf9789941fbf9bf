// GetDeployment: how far it is.

import type { Handler } from '../../../../operation/handler.ts'
import { deploymentInfo, findDeployment, overviews } from '../../deployments.ts'

export const getDeployment: Handler<'codedeploy', 'GetDeployment'> = async ({ tx, scope }, input) => {
  const row = await findDeployment(tx, scope, input.deploymentId)
  return { deploymentInfo: deploymentInfo(row, (await overviews(tx, [row.id])).get(row.id)) }
}
