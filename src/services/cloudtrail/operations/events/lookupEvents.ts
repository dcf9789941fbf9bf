// LookupEvents: pages of the event history, newest first, by one attribute at most.

import type { Event, LookupAttribute } from '@aws-sdk/client-cloudtrail'
import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { type Attribute, lookUp, type StoredEvent } from '../../events.ts'
import { KEPT } from '../../pruning.ts'

const PAGE = 50

export const lookupEvents: Handler<'cloudtrail', 'LookupEvents'> = async (call, input) => {
  if (input.EventCategory !== undefined)
    fail('InvalidEventCategoryException', 'Codeyard records no Insights events: leave out EventCategory.')
  const limit = input.MaxResults ?? PAGE
  if (limit < 1 || limit > PAGE) fail('InvalidMaxResultsException', `MaxResults must be between 1 and ${PAGE}.`)
  const from = input.StartTime ?? new Date(call.now.getTime() - KEPT)
  const until = input.EndTime ?? call.now
  if (from > until) fail('InvalidTimeRangeException', 'The start time must be before the end time.')
  const before = readBefore(input.NextToken)
  const attribute = readAttribute(input.LookupAttributes ?? [])
  const rows = await lookUp(call.tx, call.scope, { attribute, from, until, before, limit: limit + 1 })
  const { items, nextToken } = page(rows, limit, row => [row.time.getTime(), row.seq])
  return { Events: items.map(toEvent), NextToken: nextToken }
}

function readBefore(token: string | undefined) {
  if (token === undefined) return undefined
  const [time, seq] = readPageToken(token) ?? []
  if (typeof time !== 'number' || typeof seq !== 'number' || Number.isNaN(new Date(time).getTime()))
    return fail('InvalidNextTokenException', 'The NextToken is not valid.')
  return { time: new Date(time), seq }
}

function readAttribute([attribute, ...more]: readonly LookupAttribute[]): Attribute | undefined {
  // AWS: "Currently the list can contain only one item" (LookupEvents, API reference).
  if (more.length > 0)
    fail('InvalidLookupAttributesException', 'You can only have one attribute in the LookupAttributes list.')
  if (!attribute) return undefined
  const value = attribute.AttributeValue ?? ''
  if (attribute.AttributeKey !== 'ReadOnly') return { key: attribute.AttributeKey!, value }
  if (value !== 'true' && value !== 'false')
    fail('InvalidLookupAttributesException', 'The value of ReadOnly must be true or false.')
  return { key: 'ReadOnly', value: value === 'true' }
}

function toEvent(row: StoredEvent): Event {
  return {
    EventId: row.event_id,
    EventName: row.name,
    ReadOnly: String(row.read_only),
    AccessKeyId: row.access_key ?? undefined,
    EventTime: row.time,
    EventSource: row.source,
    Username: row.username ?? undefined,
    Resources: row.resource_names.map((ResourceName, index) => ({
      ResourceType: row.resource_types[index],
      ResourceName,
    })),
    CloudTrailEvent: row.record,
  }
}
