// ListProjects: names, a hundred a page, sorted by name or by one of the two times.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { listProjects as listRows } from '../../projects.ts'

export const listProjects: Handler<'codebuild', 'ListProjects'> = async (call, input) => {
  const sortBy = input.sortBy ?? 'NAME'
  const descending = input.sortOrder === 'DESCENDING'
  const order = `${sortBy}${descending ? '-' : '+'}`
  const rows = await listRows(call.tx, call.scope, {
    sortBy,
    descending,
    after: readToken(input.nextToken, order)?.map(String),
    limit: PAGE_SIZE,
  })
  const { items, nextToken } = page(rows, PAGE_SIZE, row => [order, row.key, row.name])
  return { projects: items.map(row => row.name), ...(nextToken && { nextToken }) }
}
