// UpdateApplication: renames.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication, findApplications } from '../../applications.ts'
import { applicationArn } from '../../arns.ts'
import { fail } from '../../errors.ts'

export const updateApplication: Handler<'codedeploy', 'UpdateApplication'> = async ({ tx, scope }, input) => {
  const { applicationName, newApplicationName } = input
  if (!applicationName) fail('ApplicationNameRequiredException', 'The application name was not specified.')
  const application = await findApplication(tx, scope, applicationName)
  if (!newApplicationName || newApplicationName === application.name) return {}
  if ((await findApplications(tx, scope, [newApplicationName])).length > 0) {
    fail('ApplicationAlreadyExistsException', `Application already exists with name: ${newApplicationName}`)
  }
  await tx.run`update codedeploy.applications set name = ${newApplicationName} where id = ${application.id}`
  await tx.run`
    update codedeploy.deployments set application_name = ${newApplicationName}
    where account = ${scope.account} and region = ${scope.region} and application_name = ${application.name}`
  await tx.run`
    update codedeploy.tags set arn = ${applicationArn(scope, newApplicationName)}
    where account = ${scope.account} and region = ${scope.region} and arn = ${applicationArn(scope, application.name)}`
  return {}
}
