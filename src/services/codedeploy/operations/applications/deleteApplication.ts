// DeleteApplication: with its groups and revisions; the record of its deployments stays. An unknown name is fine.

import type { Handler } from '../../../../operation/handler.ts'
import { applicationArn, groupArn } from '../../arns.ts'

export const deleteApplication: Handler<'codedeploy', 'DeleteApplication'> = async ({ tx, scope }, input) => {
  await tx.run`
    delete from codedeploy.applications
    where account = ${scope.account} and region = ${scope.region} and name = ${input.applicationName}`
  await tx.run`
    delete from codedeploy.tags where account = ${scope.account} and region = ${scope.region}
      and (arn = ${applicationArn(scope, input.applicationName)}
        or starts_with(arn, ${groupArn(scope, input.applicationName, '')}))`
  return {}
}
