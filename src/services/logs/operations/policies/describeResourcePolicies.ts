// DescribeResourcePolicies: pages of the account's resource policies.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { invalidToken } from '../../errors.ts'
import { listPolicies, toResourcePolicy } from '../../policies.ts'

export const describeResourcePolicies: Handler<'logs', 'DescribeResourcePolicies'> = async (call, input) => {
  const limit = input.limit ?? 50
  const [after] = input.nextToken === undefined ? [''] : (readPageToken(input.nextToken) ?? invalidToken())
  const rows = await listPolicies(call.tx, call.scope, String(after), limit + 1)
  const { items, nextToken } = page(rows, limit, row => [row.name])
  return { resourcePolicies: items.map(toResourcePolicy), nextToken }
}
