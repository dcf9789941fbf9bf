// Events in order out of chunks whose times may overlap: a merge that holds back what an unread chunk could precede.

import type { Call } from '../../operation/call.ts'
import { type ChunkRow, type Cursor, decode, eventSize, nextChunks, type Source, type Span } from './chunks.ts'
import { decryptChunk } from './encryption.ts'
import { type Boundary, comparePositions, LAST_CHUNK, type Position } from './position.ts'

export interface StoredEvent extends Position {
  readonly message: string
  readonly ingestedAt: number
  readonly streamName: string
}

export interface Reading {
  readonly source: Source
  readonly direction: 'forward' | 'backward'
  readonly span: Span
  /** Only events on this side of a position. */
  readonly boundary?: Boundary | undefined
  /** The longest span of one chunk in the source, in milliseconds. */
  readonly widest: number
}

/** Bytes of events fetched at a time: about one page. */
const BITE = 1024 * 1024

/** Yields events in the reading's direction, in batches, and after each batch how many bytes were looked at so far. */
export async function* readEvents(
  call: Call,
  reading: Reading,
): AsyncGenerator<{ events: StoredEvent[]; looked: number }> {
  const forward = reading.direction === 'forward'
  const sign = forward ? 1 : -1
  const span = narrowed(reading)
  let cursor: Cursor = forward
    ? { ts: span.from - reading.widest - 1, id: LAST_CHUNK }
    : { ts: span.until + reading.widest, id: LAST_CHUNK }
  const spent = reading.boundary?.side === 'after' ? reading.boundary.position : undefined
  let held: StoredEvent[] = []
  let looked = 0
  for (;;) {
    const bite = { direction: reading.direction, span, cursor, budget: BITE, spent }
    const chunks = await nextChunks(call.tx, reading.source, bite)
    const last = chunks.at(-1)
    for (const chunk of chunks) {
      looked += chunk.bytes
      for (const event of await eventsOf(call, chunk, span, reading.boundary)) held.push(event)
    }
    held.sort((a, b) => sign * comparePositions(a, b))
    if (!last) {
      if (held.length > 0) yield { events: held, looked }
      return
    }
    cursor = { ts: forward ? last.min_ts : last.max_ts, id: last.id }
    const edge = cursor
    const ready = held.findIndex(event => sign * (event.ts - edge.ts || event.chunk - edge.id) > 0)
    const events = ready === -1 ? held : held.slice(0, ready)
    held = ready === -1 ? [] : held.slice(ready)
    yield { events, looked }
  }
}

async function eventsOf(call: Call, chunk: ChunkRow, span: Span, boundary?: Boundary): Promise<StoredEvent[]> {
  const { t, m } = await decode(chunk.data_key === null ? chunk : { ...chunk, data: await decryptChunk(call, chunk) })
  const events: StoredEvent[] = []
  for (const [index, ts] of t.entries()) {
    if (ts < span.from || ts >= span.until) continue
    const position = { ts, chunk: chunk.id, index }
    if (boundary && !isBeyond(position, boundary)) continue
    events.push({ ...position, message: m[index]!, ingestedAt: chunk.ingested_at, streamName: chunk.stream_name })
  }
  return events
}

function isBeyond(position: Position, boundary: Boundary): boolean {
  const order = comparePositions(position, boundary.position)
  return boundary.side === 'after' ? order > 0 : order < 0
}

function narrowed({ span, boundary }: Reading): Span {
  if (!boundary) return span
  const { ts } = boundary.position
  return boundary.side === 'after'
    ? { from: Math.max(span.from, ts), until: span.until }
    : { from: span.from, until: Math.min(span.until, ts + 1) }
}

/** AWS: a page holds 1 MB or 10,000 events at most (GetLogEvents, FilterLogEvents, API reference). */
export const PAGE_BYTES = 1024 * 1024
export const PAGE_EVENTS = 10_000

/** Whether `event` still fits into a page of `bytes` bytes; the first one always does. */
export const fits = (page: { bytes: number; count: number }, event: StoredEvent, limit: number) =>
  page.count < limit && (page.count === 0 || page.bytes + eventSize(event.message) <= PAGE_BYTES)
