// GetDashboard, ListDashboards and DeleteDashboards.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { dashboardArn } from '../../arns.ts'
import {
  findDashboard,
  deleteDashboards as removeDashboards,
  listDashboards as selectDashboards,
} from '../../dashboards.ts'
import { fail } from '../../errors.ts'
import { afterName } from '../../paging.ts'

const PAGE = 1000

export const getDashboard: Handler<'cloudwatch', 'GetDashboard'> = async (call, { DashboardName }) => {
  const row = await findDashboard(call.tx, call.scope, DashboardName)
  if (!row) return fail('DashboardNotFoundError', `Dashboard ${DashboardName} does not exist`)
  return { DashboardName, DashboardArn: dashboardArn(call.scope, DashboardName), DashboardBody: row.body }
}

export const listDashboards: Handler<'cloudwatch', 'ListDashboards'> = async (call, input) => {
  const after = afterName(input.NextToken)
  const rows = await selectDashboards(call.tx, call.scope, {
    prefix: input.DashboardNamePrefix ?? '',
    after,
    limit: PAGE,
  })
  const { items, nextToken } = page(rows, PAGE, row => [row.name])
  return {
    DashboardEntries: items.map(({ name, modified_at, size }) => ({
      DashboardName: name,
      DashboardArn: dashboardArn(call.scope, name),
      LastModified: modified_at,
      Size: size,
    })),
    ...(nextToken && { NextToken: nextToken }),
  }
}

/** All of them or, when one is not there, none. */
export const deleteDashboards: Handler<'cloudwatch', 'DeleteDashboards'> = async (call, { DashboardNames }) => {
  const deleted = new Set(await removeDashboards(call.tx, call.scope, DashboardNames))
  const unknown = DashboardNames.filter(name => !deleted.has(name))
  if (unknown.length > 0) {
    fail(
      'DashboardNotFoundError',
      `The following dashboard(s) do not exist [${unknown.join(', ')}], no dashboards were deleted`,
    )
  }
  return {}
}
