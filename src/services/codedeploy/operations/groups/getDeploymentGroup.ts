// GetDeploymentGroup: settings and the last deployments.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { findGroup, groupInfo } from '../../groups.ts'

export const getDeploymentGroup: Handler<'codedeploy', 'GetDeploymentGroup'> = async ({ tx, scope }, input) => {
  const application = await findApplication(tx, scope, input.applicationName)
  return { deploymentGroupInfo: groupInfo(application, await findGroup(tx, application, input.deploymentGroupName)) }
}
