// ListEventBuses: pages of buses by name.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listBuses, toEventBus } from '../../buses.ts'
import { afterName } from '../../paging.ts'

export const listEventBuses: Handler<'events', 'ListEventBuses'> = async (call, input) => {
  const limit = input.Limit ?? 100
  const rows = await listBuses(call.tx, call.scope, input.NamePrefix ?? '', afterName(input.NextToken), limit + 1)
  const { items, nextToken } = page(rows, limit, row => [row.name])
  return { EventBuses: items.map(row => toEventBus(call.scope, row)), NextToken: nextToken }
}
