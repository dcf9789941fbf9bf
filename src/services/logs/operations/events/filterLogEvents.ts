// FilterLogEvents: events of many streams in one order of time, those that match a pattern, a bounded look at a time.

import { pageToken, readPageToken } from '../../../../core/pageToken.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { groupNameOf } from '../../arns.ts'
import { eventSize, type Source } from '../../chunks.ts'
import { invalid, invalidToken, noSuchStream } from '../../errors.ts'
import { findGroup } from '../../groups.ts'
import { readPattern } from '../../pattern/read.ts'
import { type Boundary, END_OF_TIME, eventId, type Position } from '../../position.ts'
import { fits, PAGE_EVENTS, readEvents, type StoredEvent } from '../../reading.ts'
import { expiredBefore } from '../../retention.ts'
import { streamIdsByName, streamIdsByPrefix, widestOfGroup } from '../../streams.ts'

/** A call looks at this many bytes of events, then answers what it has, with a token to go on. */
const LOOK = 32 * 1024 * 1024

export const filterLogEvents: Handler<'logs', 'FilterLogEvents'> = async (call, input) => {
  if (input.logStreamNames && input.logStreamNamePrefix !== undefined)
    invalid('LogStream names and LogStream name prefix are mutually exclusive parameters.')
  const pattern = readPattern(input.filterPattern ?? '')
  const boundary = readBoundary(input.nextToken)
  const group = await findGroup(call.tx, call.scope, groupNameOf(input))
  const limit = input.limit ?? PAGE_EVENTS
  const events: StoredEvent[] = []
  const page = { bytes: 0, count: 0 }
  let last: Position | undefined
  let further = false
  reading: for await (const batch of readEvents(call, {
    source: await sourceOf(call, group.id, input),
    direction: 'forward',
    span: {
      from: Math.max(input.startTime ?? 0, expiredBefore(call.now, group.retention_days)),
      // AWS: "Events with a timestamp later than this time are not returned": the end is inclusive here.
      until: Math.min(input.endTime ?? END_OF_TIME, END_OF_TIME - 1) + 1,
    },
    boundary,
    widest: await widestOfGroup(call.tx, group.id),
  })) {
    for (const event of batch.events) {
      if (pattern.match(event.message)) {
        further = !fits(page, event, limit)
        if (further) break reading
        events.push(event)
        page.count++
        page.bytes += eventSize(event.message)
      }
      last = event
    }
    further = last !== undefined && batch.looked >= LOOK
    if (further) break
  }
  return {
    events: events.map(event => ({
      logStreamName: event.streamName,
      timestamp: event.ts,
      message: event.message,
      ingestionTime: event.ingestedAt,
      eventId: eventId(event),
    })),
    // AWS: "This parameter returns an empty list" (FilterLogEvents, API reference).
    searchedLogStreams: [],
    nextToken: further && last ? pageToken([last.ts, last.chunk, last.index]) : undefined,
  }
}

function readBoundary(token: string | undefined): Boundary | undefined {
  if (token === undefined) return undefined
  const [ts, chunk, index] = readPageToken(token) ?? invalidToken()
  if (!Number.isSafeInteger(ts) || !Number.isSafeInteger(chunk) || !Number.isSafeInteger(index)) return invalidToken()
  return { side: 'after', position: { ts: Number(ts), chunk: Number(chunk), index: Number(index) } }
}

interface Streams {
  readonly logStreamNames?: string[] | undefined
  readonly logStreamNamePrefix?: string | undefined
}

async function sourceOf(
  call: Call,
  groupId: number,
  { logStreamNames, logStreamNamePrefix }: Streams,
): Promise<Source> {
  if (logStreamNames) {
    const names = [...new Set(logStreamNames)]
    const streamIds = await streamIdsByName(call.tx, groupId, names)
    // AWS: a stream that is named and missing makes the call fail, as for GetLogEvents.
    if (streamIds.length < names.length) noSuchStream()
    return { kind: 'streams', groupId, streamIds }
  }
  if (logStreamNamePrefix === undefined) return { kind: 'group', groupId }
  return { kind: 'streams', groupId, streamIds: await streamIdsByPrefix(call.tx, groupId, logStreamNamePrefix) }
}
