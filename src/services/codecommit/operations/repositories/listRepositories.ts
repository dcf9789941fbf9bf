// Names and ids, page by page, in one of four orders.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { listRepositories as list } from '../../repositories.ts'

const PAGE = 100

export const listRepositories: Handler<'codecommit', 'ListRepositories'> = async (call, input) => {
  const { sortBy = 'repositoryName', order = 'ascending' } = input
  const direction = `${sortBy} ${order}`
  const after = input.nextToken === undefined ? undefined : readPageToken(input.nextToken)
  // A token goes on only in the order that it was given for.
  const fits = after === undefined || (after[0] === direction && after.length === (sortBy === 'repositoryName' ? 2 : 3))
  if ((input.nextToken !== undefined && !after) || !fits) refuse('InvalidContinuationTokenException')
  const rows = await list(call.tx, call.scope, {
    sortBy,
    descending: order === 'descending',
    ...(after && { after: after.slice(1) }),
    limit: PAGE + 1,
  })
  const { items, nextToken } = page(rows, PAGE, row =>
    sortBy === 'repositoryName' ? [direction, row.name] : [direction, row.modified_at.getTime(), row.name],
  )
  return {
    repositories: items.map(({ id, name }) => ({ repositoryName: name, repositoryId: id })),
    ...(nextToken && { nextToken }),
  }
}
