// ListReportsForReportGroup: ARNs of one group's reports, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { findGroup, requireGroupName } from '../../reportGroups.ts'
import { listReports, reportArn } from '../../reports.ts'
import { ownerScope } from '../../sharing/owner.ts'

export const listReportsForReportGroup: Handler<'codebuild', 'ListReportsForReportGroup'> = async (call, input) => {
  const { maxResults = PAGE_SIZE } = input
  const scope = ownerScope(call.scope, input.reportGroupArn!)
  const group = requireGroupName(scope, input.reportGroupArn!)
  if (!(await findGroup(call.tx, scope, group))) {
    fail('ResourceNotFoundException', `The provided report group does not exist: ${input.reportGroupArn}`)
  }
  const descending = input.sortOrder !== 'ASCENDING'
  const status = input.filter?.status
  const order = `${group}${descending ? '-' : '+'}${status ?? ''}`
  const after = readToken(input.nextToken, order)?.map(String)
  const rows = await listReports(call.tx, scope, { group, status, descending, after, limit: maxResults })
  const { items, nextToken } = page(rows, maxResults, row => [order, row.key, row.id])
  return { reports: items.map(row => reportArn(scope, row)), ...(nextToken && { nextToken }) }
}
