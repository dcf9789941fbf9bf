// ListDeploymentGroups: names, a hundred a page.

import type { Handler } from '../../../../operation/handler.ts'
import { findApplication } from '../../applications.ts'
import { nameAfter, namesPage, PAGE } from '../../paging.ts'

export const listDeploymentGroups: Handler<'codedeploy', 'ListDeploymentGroups'> = async ({ tx, scope }, input) => {
  const application = await findApplication(tx, scope, input.applicationName)
  const rows = await tx.rows<{ name: string }>`
    select name from codedeploy.deployment_groups
    where application_id = ${application.id} and name > ${nameAfter(input.nextToken)} order by name limit ${PAGE + 1}`
  const { items, nextToken } = namesPage(rows)
  return { applicationName: application.name, deploymentGroups: items, nextToken }
}
