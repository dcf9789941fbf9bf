// ListDeploymentTargets: ids in the order of deployment; the filter TargetStatus.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { findDeployment } from '../../deployments.ts'
import { badToken, fail } from '../../errors.ts'
import { PAGE } from '../../paging.ts'

export const listDeploymentTargets: Handler<'codedeploy', 'ListDeploymentTargets'> = async ({ tx, scope }, input) => {
  const deployment = await findDeployment(tx, scope, input.deploymentId)
  const filters = input.targetFilters ?? {}
  if ('ServerInstanceLabel' in filters) {
    fail('InvalidDeploymentInstanceTypeException', 'Instance labels belong to blue/green deployments.')
  }
  const statuses = filters.TargetStatus?.length ? filters.TargetStatus : undefined
  const token = input.nextToken === undefined ? undefined : (readPageToken(input.nextToken) ?? badToken())
  const rows = await tx.rows<{ target_id: string; ordinal: number }>`
    select target_id, ordinal from codedeploy.targets
    where deployment_id = ${deployment.id} and ordinal > ${Number(token?.[0] ?? -1)}
      ${statuses ? sql`and status = any(${statuses})` : sql``}
    order by ordinal limit ${PAGE + 1}`
  const { items, nextToken } = page(rows, PAGE, row => [row.ordinal])
  return { targetIds: items.map(row => row.target_id), nextToken }
}
