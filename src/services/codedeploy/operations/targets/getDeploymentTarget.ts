// GetDeploymentTarget: one target with its lifecycle events.

import type { Handler } from '../../../../operation/handler.ts'
import { findDeployment } from '../../deployments.ts'
import { deploymentTarget, findTargets, noTarget } from '../../targets.ts'

export const getDeploymentTarget: Handler<'codedeploy', 'GetDeploymentTarget'> = async ({ tx, scope, now }, input) => {
  const deployment = await findDeployment(tx, scope, input.deploymentId)
  const [row] = await findTargets(tx, scope, deployment.id, [input.targetId])
  return { deploymentTarget: deploymentTarget(row ?? noTarget(input.targetId), now) }
}
