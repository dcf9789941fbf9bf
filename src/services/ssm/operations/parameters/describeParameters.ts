// DescribeParameters: pages of parameters without their values.

import type { ParameterStringFilter, ParametersFilter } from '@aws-sdk/client-ssm'
import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { invalid } from '../../errors.ts'
import { filterCondition } from '../../filters.ts'
import { readToken } from '../../paging.ts'
import { listParameters } from '../../parameters.ts'
import { metadataShape } from '../../shape.ts'

export const describeParameters: Handler<'ssm', 'DescribeParameters'> = async (call, input) => {
  const { MaxResults: limit = 50 } = input
  if (input.Filters?.length && input.ParameterFilters?.length)
    invalid('You can use either Filters or ParameterFilters in a single request.')
  // AWS: Shared lists what other accounts share through Resource Access Manager: nobody does here.
  if (input.Shared) return { Parameters: [] }
  const rows = await listParameters(call.tx, call.scope, {
    where: filterCondition(input.ParameterFilters ?? input.Filters?.map(older), 'describe'),
    after: readToken(input.NextToken, ''),
    limit: limit + 1,
  })
  const { items, nextToken } = page(rows, limit, row => [row.name])
  return { Parameters: items.map(row => metadataShape(call, row)), NextToken: nextToken }
}

/** The older form of filters has no options. */
const older = ({ Key, Values }: ParametersFilter): ParameterStringFilter => ({ Key, Values, Option: 'Equals' })
