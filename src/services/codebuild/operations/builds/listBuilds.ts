// ListBuilds: ids of all builds, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listBuilds as listRows } from '../../builds.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'

export const listBuilds: Handler<'codebuild', 'ListBuilds'> = async (call, input) => {
  const descending = input.sortOrder !== 'ASCENDING'
  const order = descending ? '-' : '+'
  const after = readToken(input.nextToken, order)?.map(String)
  const rows = await listRows(call.tx, call.scope, { descending, after, limit: PAGE_SIZE })
  const { items, nextToken } = page(rows, PAGE_SIZE, row => [order, row.key, row.id])
  return { ids: items.map(row => row.id), ...(nextToken && { nextToken }) }
}
