// DescribeLogStreams: pages of a group's streams by name or by the time of their last event.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { groupNameOf } from '../../arns.ts'
import { invalid, invalidToken } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { listStreamsByName, listStreamsByTime, toLogStream } from '../../streams.ts'

export const describeLogStreams: Handler<'logs', 'DescribeLogStreams'> = async (call, input) => {
  const byTime = input.orderBy === 'LastEventTime'
  if (byTime && input.logStreamNamePrefix !== undefined)
    invalid('Cannot order by LastEventTime with a logStreamNamePrefix.')
  const name = groupNameOf(input)
  const group = await findGroup(call.tx, call.scope, name)
  const limit = input.limit ?? 50
  const listing = { prefix: input.logStreamNamePrefix, descending: input.descending ?? false, limit: limit + 1 }
  const key = input.nextToken === undefined ? undefined : (readPageToken(input.nextToken) ?? invalidToken())
  if (key && (byTime ? typeof key[0] !== 'number' || typeof key[1] !== 'string' : typeof key[0] !== 'string'))
    invalidToken()
  const rows = byTime
    ? await listStreamsByTime(call.tx, group.id, key && { time: Number(key[0]), name: String(key[1]) }, listing)
    : await listStreamsByName(call.tx, group.id, key && String(key[0]), listing)
  const { items, nextToken } = page(rows, limit, row => (byTime ? [row.last_event ?? 0, row.name] : [row.name]))
  return { logStreams: items.map(row => toLogStream(call.scope, name, row)), nextToken }
}
