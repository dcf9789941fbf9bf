// GetParametersByPath: pages of what is below a path, directly or at any depth.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { below, filterCondition } from '../../filters.ts'
import { readPath } from '../../names.ts'
import { readToken } from '../../paging.ts'
import { listParameters } from '../../parameters.ts'
import { parameterShape, shapes } from '../../shape.ts'

export const getParametersByPath: Handler<'ssm', 'GetParametersByPath'> = async (call, input) => {
  const { MaxResults: limit = 10, ParameterFilters: filters } = input
  const path = below(readPath(input.Path), input.Recursive ?? false)
  const condition = filterCondition(filters, 'byPath')
  const rows = await listParameters(call.tx, call.scope, {
    where: sql`${path} and ${condition}`,
    // A label may be at any version; without one the current version is meant.
    ...(filters?.some(({ Key }) => Key === 'Label') && { version: sql`true` }),
    after: readToken(input.NextToken, ''),
    limit: limit + 1,
  })
  const { items, nextToken } = page(rows, limit, row => [row.name])
  return {
    Parameters: await shapes(items, row => parameterShape(call, row, { decrypt: input.WithDecryption })),
    NextToken: nextToken,
  }
}
