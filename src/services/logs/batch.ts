// What PutLogEvents accepts: refuses a batch that breaks a rule, sets aside events that are too old or too new.

import type { RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'
import { eventSize, type NewEvent } from './chunks.ts'
import { invalid } from './errors.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** AWS: the limits of a batch (PutLogEvents, API reference). */
export const MOST_BYTES = 1_048_576
const MOST_FUTURE = 2 * HOUR
const MOST_PAST = 14 * DAY
const MOST_SPAN = DAY

export interface Batch {
  readonly accepted: readonly NewEvent[]
  /** Of the accepted events. */
  readonly bytes: number
  readonly rejected: RejectedLogEventsInfo | undefined
}

/** `retentionDays` of the group, null for none. Throws InvalidParameterException for a batch that AWS refuses whole. */
export function checkBatch(events: readonly NewEvent[], now: Date, retentionDays: number | null): Batch {
  let total = 0
  for (const [index, event] of events.entries()) {
    const size = eventSize(event.message)
    if (size > MOST_BYTES) invalid(`Log event too large: ${size} bytes exceeds limit of ${MOST_BYTES}`)
    if (index > 0 && event.timestamp < events[index - 1]!.timestamp)
      invalid('Log events in a single PutLogEvents request must be in chronological order.')
    total += size
  }
  if (total > MOST_BYTES) invalid(`Upload too large: ${total} bytes exceeds limit of ${MOST_BYTES}`)

  const oldest = now.getTime() - MOST_PAST
  const kept = retentionDays === null ? oldest : now.getTime() - retentionDays * DAY
  const tooOld = countBefore(events, oldest)
  const expired = countBefore(events, kept)
  const firstTooNew = countBefore(events, now.getTime() + MOST_FUTURE + 1)
  const accepted = events.slice(Math.max(tooOld, expired), firstTooNew)
  if (accepted.length > 0 && accepted.at(-1)!.timestamp - accepted[0]!.timestamp > MOST_SPAN)
    invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.')

  const rejected: RejectedLogEventsInfo = {
    ...(firstTooNew < events.length && { tooNewLogEventStartIndex: firstTooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
  }
  return {
    accepted,
    bytes:
      accepted.length === events.length ? total : accepted.reduce((sum, event) => sum + eventSize(event.message), 0),
    rejected: Object.keys(rejected).length > 0 ? rejected : undefined,
  }
}

/** Events are in order, so this is an index as well. */
function countBefore(events: readonly NewEvent[], time: number): number {
  const index = events.findIndex(event => event.timestamp >= time)
  return index === -1 ? events.length : index
}
