// ListRules: pages of a bus's rules by name.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { requireBus } from '../../buses.ts'
import { afterName } from '../../paging.ts'
import { listRules as readRules, toRule } from '../../rules.ts'

export const listRules: Handler<'events', 'ListRules'> = async (call, input) => {
  const bus = busName(input.EventBusName)
  await requireBus(call.tx, call.scope, bus)
  const limit = input.Limit ?? 100
  const rows = await readRules(call.tx, call.scope, bus, {
    prefix: input.NamePrefix,
    after: afterName(input.NextToken),
    limit: limit + 1,
  })
  const { items, nextToken } = page(rows, limit, row => [row.name])
  return { Rules: items.map(row => toRule(call.scope, row)), NextToken: nextToken }
}
