// ListDeployments: ids, newest first, of the account, an application or a group, by status and time.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { findApplication } from '../../applications.ts'
import { badToken, fail } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { PAGE } from '../../paging.ts'

export const listDeployments: Handler<'codedeploy', 'ListDeployments'> = async ({ tx, scope }, input) => {
  const { start, end } = input.createTimeRange ?? {}
  if (start && end && start > end) fail('InvalidTimeRangeException', 'The start of the time range is after its end.')
  if (input.externalId !== undefined)
    fail('InvalidExternalIdException', 'No deployment here was made by an external system.')
  if (input.deploymentGroupName && !input.applicationName) {
    fail('ApplicationNameRequiredException', 'A deployment group name needs its application name.')
  }
  const application = input.applicationName ? await findApplication(tx, scope, input.applicationName) : undefined
  const group =
    application && input.deploymentGroupName ? await findGroup(tx, application, input.deploymentGroupName) : undefined
  const token = input.nextToken === undefined ? undefined : (readPageToken(input.nextToken) ?? badToken())
  const statuses = input.includeOnlyStatuses?.length ? input.includeOnlyStatuses : undefined
  const rows = await tx.rows<{ id: string; time: string }>`
    select id, created_at::text as time from codedeploy.deployments
    where account = ${scope.account} and region = ${scope.region}
      ${application ? sql`and application_name = ${application.name}` : sql``}
      ${group ? sql`and group_id = ${group.id}` : sql``}
      ${statuses ? sql`and status = any(${statuses})` : sql``}
      ${start ? sql`and created_at >= ${start}` : sql``}
      ${end ? sql`and created_at <= ${end}` : sql``}
      ${token ? sql`and (created_at, id) < (${token[0]}::timestamptz, ${token[1]})` : sql``}
    order by created_at desc, id desc limit ${PAGE + 1}`
  const { items, nextToken } = page(rows, PAGE, row => [row.time, row.id])
  return { deployments: items.map(row => row.id), nextToken }
}
