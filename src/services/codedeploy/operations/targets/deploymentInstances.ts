// The older operations on a deployment's instances, kept by AWS for old clients: the same targets in another shape.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { findDeployment } from '../../deployments.ts'
import { badToken, fail } from '../../errors.ts'
import { limitBatch, PAGE } from '../../paging.ts'
import { findTargets, instanceSummary } from '../../targets.ts'

export const getDeploymentInstance: Handler<'codedeploy', 'GetDeploymentInstance'> = async (
  { tx, scope, now },
  input,
) => {
  const deployment = await findDeployment(tx, scope, input.deploymentId)
  const [row] = await findTargets(tx, scope, deployment.id, [input.instanceId])
  if (!row) fail('InstanceDoesNotExistException', `The instance ${input.instanceId} does not belong to the deployment.`)
  return { instanceSummary: instanceSummary(row!, now) }
}

export const batchGetDeploymentInstances: Handler<'codedeploy', 'BatchGetDeploymentInstances'> = async (
  { tx, scope, now },
  input,
) => {
  limitBatch(input.instanceIds)
  const deployment = await findDeployment(tx, scope, input.deploymentId)
  const rows = await findTargets(tx, scope, deployment.id, input.instanceIds)
  const missing = input.instanceIds.filter(id => !rows.some(row => row.target_id === id || row.arn === id))
  return {
    instancesSummary: rows.map(row => instanceSummary(row, now)),
    errorMessage:
      missing.length > 0 ? `These instances do not belong to the deployment: ${missing.join(', ')}` : undefined,
  }
}

export const listDeploymentInstances: Handler<'codedeploy', 'ListDeploymentInstances'> = async (
  { tx, scope },
  input,
) => {
  const deployment = await findDeployment(tx, scope, input.deploymentId)
  if (input.instanceTypeFilter?.length) {
    fail(
      'InvalidDeploymentInstanceTypeException',
      'An instance type was specified for an in-place deployment. Instance types are supported for blue/green deployments only.',
    )
  }
  const statuses = input.instanceStatusFilter?.length ? input.instanceStatusFilter : undefined
  const token = input.nextToken === undefined ? undefined : (readPageToken(input.nextToken) ?? badToken())
  const rows = await tx.rows<{ target_id: string; ordinal: number }>`
    select target_id, ordinal from codedeploy.targets
    where deployment_id = ${deployment.id} and ordinal > ${Number(token?.[0] ?? -1)}
      ${statuses ? sql`and status = any(${statuses})` : sql``}
    order by ordinal limit ${PAGE + 1}`
  const { items, nextToken } = page(rows, PAGE, row => [row.ordinal])
  return { instancesList: items.map(row => row.target_id), nextToken }
}
