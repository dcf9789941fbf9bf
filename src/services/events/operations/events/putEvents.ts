// PutEvents: takes events in, each on its own: a broken entry fails alone.

import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import type { Call, EventRecord } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { busName } from '../../arns.ts'
import { findBus } from '../../buses.ts'
import { invalid } from '../../errors.ts'

// AWS: "The total entry size must be less than 1 MB" (PutEvents, EventBridge quotas).
const MOST_BYTES = 1_048_576

export const putEvents: Handler<'events', 'PutEvents'> = async (call, input) => {
  if (input.EndpointId !== undefined) invalid('Codeyard has no global endpoints: leave out EndpointId.')
  if (input.Entries.reduce((sum, entry) => sum + entrySize(entry), 0) > MOST_BYTES)
    invalid('Total size of the entries in the request is over the limit.')
  const known = new Map<string, boolean>()
  const entries: PutEventsResultEntry[] = []
  for (const entry of input.Entries) {
    const bus = busName(entry.EventBusName)
    if (!known.has(bus)) known.set(bus, (await findBus(call.tx, call.scope, bus)) !== undefined)
    const problem = known.get(bus)
      ? entryProblem(entry)
      : failure('InvalidArgument', `Event bus ${bus} does not exist.`)
    if (problem) {
      entries.push(problem)
      continue
    }
    const event = toEvent(call, entry)
    await call.addJob('routeTo', { bus, event, hops: 0 })
    entries.push({ EventId: event.id })
  }
  return { FailedEntryCount: entries.filter(entry => entry.ErrorCode).length, Entries: entries }
}

const failure = (ErrorCode: string, ErrorMessage: string): PutEventsResultEntry => ({ ErrorCode, ErrorMessage })

function entryProblem(entry: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name])
      return failure('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`)
  }
  // AWS: sources that begin with "aws." belong to AWS services.
  if (entry.Source!.startsWith('aws.'))
    return failure('NotAuthorizedForSourceException', 'Not authorized for the source.')
  if (readDetail(entry.Detail!) === undefined) return failure('MalformedDetail', 'Detail is malformed.')
  return undefined
}

function readDetail(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text)
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail)
      ? (detail as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function toEvent(call: Call, entry: PutEventsRequestEntry): EventRecord {
  const time = entry.Time ?? call.now
  return {
    version: '0',
    id: call.ids.uuid(),
    'detail-type': entry.DetailType!,
    source: entry.Source!,
    account: call.scope.account,
    time: time.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: call.scope.region,
    resources: entry.Resources ?? [],
    detail: readDetail(entry.Detail!)!,
  }
}

// AWS: 14 bytes for Time, and the UTF-8 of Source, DetailType, Detail and each resource (Calculating entry size).
function entrySize({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  return [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), Time ? 14 : 0)
}
