// GetLogEvents: a page of one stream, forward or backward; the tokens are boundaries between events, so nothing that
// shares a timestamp is missed or repeated, and at either end a token stays what it was.

import type { Handler } from '../../../../operation/handler.ts'
import { groupNameOf } from '../../arns.ts'
import { eventSize } from '../../chunks.ts'
import { invalidToken } from '../../errors.ts'
import { type Boundary, END_OF_TIME, LAST_CHUNK, LAST_INDEX, readToken, turned, writeToken } from '../../position.ts'
import { fits, PAGE_EVENTS, readEvents, type StoredEvent } from '../../reading.ts'
import { expiredBefore } from '../../retention.ts'
import { findStream } from '../../streams.ts'

export const getLogEvents: Handler<'logs', 'GetLogEvents'> = async (call, input) => {
  const group = groupNameOf(input)
  const boundary = input.nextToken === undefined ? undefined : (readToken(input.nextToken) ?? invalidToken())
  const stream = await findStream(call.tx, call.scope, group, input.logStreamName)
  const forward = boundary ? boundary.side === 'after' : (input.startFromHead ?? false)
  const span = {
    from: Math.max(input.startTime ?? 0, expiredBefore(call.now, stream.retention_days)),
    until: Math.min(input.endTime ?? END_OF_TIME, END_OF_TIME),
  }
  const limit = input.limit ?? PAGE_EVENTS
  const events: StoredEvent[] = []
  const page = { bytes: 0, count: 0 }
  reading: for await (const batch of readEvents(call, {
    source: { kind: 'stream', streamId: stream.id },
    direction: forward ? 'forward' : 'backward',
    span,
    boundary,
    widest: stream.widest,
  })) {
    for (const event of batch.events) {
      if (!fits(page, event, limit)) break reading
      events.push(event)
      page.count++
      page.bytes += eventSize(event.message)
    }
    if (page.count >= limit) break
  }
  if (!forward) events.reverse()

  const { after, before } = ends(events, boundary, Math.min(span.from, call.now.getTime()))
  return {
    events: events.map(event => ({ timestamp: event.ts, message: event.message, ingestionTime: event.ingestedAt })),
    nextForwardToken: writeToken(after),
    nextBackwardToken: writeToken(before),
  }
}

/** Where to go on in both directions from a page. */
function ends(events: readonly StoredEvent[], came: Boundary | undefined, from: number) {
  const [first, last] = [events[0], events.at(-1)]
  if (first && last) {
    return { after: boundaryAt('after', last), before: boundaryAt('before', first) }
  }
  // AWS: at the end of the stream a page is empty and the token in its direction is the one that was passed in.
  const here = came ?? boundaryAt('after', { ts: Math.max(0, from - 1), chunk: LAST_CHUNK, index: LAST_INDEX })
  return here.side === 'after' ? { after: here, before: turned(here) } : { after: turned(here), before: here }
}

function boundaryAt(side: Boundary['side'], { ts, chunk, index }: Boundary['position']): Boundary {
  return { side, position: { ts, chunk, index } }
}
