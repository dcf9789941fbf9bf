// BatchGetDeploymentGroups: those that exist; the others are named in errorMessage.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { findGroups, groupInfo } from '../../groups.ts'
import { limitBatch } from '../../paging.ts'

export const batchGetDeploymentGroups: Handler<'codedeploy', 'BatchGetDeploymentGroups'> = async (
  { tx, scope },
  input,
) => {
  limitBatch(input.deploymentGroupNames)
  const application = await findApplication(tx, scope, input.applicationName)
  const rows = await findGroups(tx, application, input.deploymentGroupNames)
  const missing = input.deploymentGroupNames.filter(name => !rows.some(row => row.name === name))
  return {
    deploymentGroupsInfo: rows.map(row => groupInfo(application, row)),
    errorMessage: missing.length > 0 ? `No Deployment Group found for name: ${missing.join(', ')}` : undefined,
  }
}
