// BatchGetDeploymentTargets: up to 25 targets with their lifecycle events.

import type { Handler } from '../../../../operation/handler.ts'
import { findDeployment } from '../../deployments.ts'
import { limitBatch } from '../../paging.ts'
import { deploymentTarget, findTargets, noTarget } from '../../targets.ts'

export const batchGetDeploymentTargets: Handler<'codedeploy', 'BatchGetDeploymentTargets'> = async (
  { tx, scope, now },
  input,
) => {
  limitBatch(input.targetIds, 25)
  const deployment = await findDeployment(tx, scope, input.deploymentId)
  const rows = await findTargets(tx, scope, deployment.id, input.targetIds)
  const missing = input.targetIds.find(id => !rows.some(row => row.target_id === id || row.arn === id))
  if (missing !== undefined) noTarget(missing)
  return { deploymentTargets: rows.map(row => deploymentTarget(row, now)) }
}
