// ListReportGroups: ARNs, sorted by name or by one of the two times.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { listGroups, reportGroupArn } from '../../reportGroups.ts'

export const listReportGroups: Handler<'codebuild', 'ListReportGroups'> = async (call, input) => {
  const { sortBy = 'NAME', maxResults = PAGE_SIZE } = input
  const descending = input.sortOrder === 'DESCENDING'
  const order = `${sortBy}${descending ? '-' : '+'}`
  const after = readToken(input.nextToken, order)?.map(String)
  const rows = await listGroups(call.tx, call.scope, { sortBy, descending, after, limit: maxResults })
  const { items, nextToken } = page(rows, maxResults, row => [order, row.key, row.name])
  return { reportGroups: items.map(({ name }) => reportGroupArn(call.scope, name)), ...(nextToken && { nextToken }) }
}
