// BatchGetDeployments: up to 25; ids that do not exist are left out.

import type { Handler } from '../../../../operation/handler.ts'
import { deploymentInfo, findDeployments, overviews } from '../../deployments.ts'
import { limitBatch } from '../../paging.ts'

export const batchGetDeployments: Handler<'codedeploy', 'BatchGetDeployments'> = async ({ tx, scope }, input) => {
  limitBatch(input.deploymentIds, 25)
  const rows = await findDeployments(tx, scope, input.deploymentIds)
  const counts = await overviews(
    tx,
    rows.map(row => row.id),
  )
  return { deploymentsInfo: rows.map(row => deploymentInfo(row, counts.get(row.id))) }
}
