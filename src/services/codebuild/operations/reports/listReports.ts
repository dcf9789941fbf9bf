// ListReports: ARNs of all reports, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { listReports as listRows, reportArn } from '../../reports.ts'

export const listReports: Handler<'codebuild', 'ListReports'> = async (call, input) => {
  const { maxResults = PAGE_SIZE } = input
  const descending = input.sortOrder !== 'ASCENDING'
  const status = input.filter?.status
  const order = `${descending ? '-' : '+'}${status ?? ''}`
  const after = readToken(input.nextToken, order)?.map(String)
  const rows = await listRows(call.tx, call.scope, { status, descending, after, limit: maxResults })
  const { items, nextToken } = page(rows, maxResults, row => [order, row.key, row.id])
  return { reports: items.map(row => reportArn(call.scope, row)), ...(nextToken && { nextToken }) }
}
