// ListFleets: ARNs, sorted by name or by one of the two times.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fleetArn, listFleets as listRows } from '../../fleets/fleets.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'

export const listFleets: Handler<'codebuild', 'ListFleets'> = async (call, input) => {
  const { sortBy = 'NAME', maxResults = PAGE_SIZE } = input
  const descending = input.sortOrder === 'DESCENDING'
  const order = `${sortBy}${descending ? '-' : '+'}`
  const after = readToken(input.nextToken, order)?.map(String)
  const rows = await listRows(call.tx, call.scope, { sortBy, descending, after, limit: maxResults })
  const { items, nextToken } = page(rows, maxResults, row => [order, row.key, row.name])
  return { fleets: items.map(row => fleetArn(call.scope, row)), ...(nextToken && { nextToken }) }
}
