// DeleteDeploymentGroup: an unknown group is fine, an unknown application is not.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { groupArn } from '../../arns.ts'

export const deleteDeploymentGroup: Handler<'codedeploy', 'DeleteDeploymentGroup'> = async ({ tx, scope }, input) => {
  const application = await findApplication(tx, scope, input.applicationName)
  await tx.run`
    delete from codedeploy.deployment_groups
    where application_id = ${application.id} and name = ${input.deploymentGroupName}`
  await tx.run`
    delete from codedeploy.tags where account = ${scope.account} and region = ${scope.region}
      and arn = ${groupArn(scope, application.name, input.deploymentGroupName)}`
  return { hooksNotCleanedUp: [] }
}
