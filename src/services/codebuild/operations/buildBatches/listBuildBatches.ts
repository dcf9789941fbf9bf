// ListBuildBatches: ids of all batches, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listBatches } from '../../batches/batches.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'

export const listBuildBatches: Handler<'codebuild', 'ListBuildBatches'> = async (call, input) => {
  const descending = input.sortOrder !== 'ASCENDING'
  const limit = input.maxResults ?? PAGE_SIZE
  const { status } = input.filter ?? {}
  const order = `${status ?? ''}${descending ? '-' : '+'}`
  const after = readToken(input.nextToken, order)?.map(String)
  const rows = await listBatches(call.tx, call.scope, { status, descending, after, limit })
  const { items, nextToken } = page(rows, limit, row => [order, row.key, row.id])
  return { ids: items.map(row => row.id), ...(nextToken && { nextToken }) }
}
