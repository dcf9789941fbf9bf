// ListApplications: names, a hundred a page.

import type { Handler } from '../../../../operation/handler.ts'
import { nameAfter, namesPage, PAGE } from '../../paging.ts'

export const listApplications: Handler<'codedeploy', 'ListApplications'> = async ({ tx, scope }, input) => {
  const rows = await tx.rows<{ name: string }>`
    select name from codedeploy.applications
    where account = ${scope.account} and region = ${scope.region} and name > ${nameAfter(input.nextToken)}
    order by name limit ${PAGE + 1}`
  const { items, nextToken } = namesPage(rows)
  return { applications: items, nextToken }
}
