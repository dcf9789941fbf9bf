// GetParameterHistory: the versions of a parameter, oldest first.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { noSuchParameter } from '../../errors.ts'
import { readName } from '../../names.ts'
import { readToken } from '../../paging.ts'
import { currentVersions, historyOf } from '../../parameters.ts'
import { historyShape, shapes } from '../../shape.ts'

export const getParameterHistory: Handler<'ssm', 'GetParameterHistory'> = async (call, input) => {
  const { MaxResults: limit = 50 } = input
  const [present] = await currentVersions(call.tx, call.scope, readName(call.scope, input.Name))
  if (!present) return noSuchParameter(input.Name)
  const rows = await historyOf(call.tx, call.scope, present.name, readToken(input.NextToken, 0), limit + 1)
  const { items, nextToken } = page(rows, limit, row => [row.version])
  const history = await shapes(items, row => historyShape(call, row, input.WithDecryption))
  return { Parameters: history, NextToken: nextToken }
}
