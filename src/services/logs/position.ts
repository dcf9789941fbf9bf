// Where an event stands: (time, chunk, index in the chunk). One order for reading, event ids and page tokens.

export interface Position {
  readonly ts: number
  readonly chunk: number
  readonly index: number
}

export function comparePositions(a: Position, b: Position): number {
  return a.ts - b.ts || a.chunk - b.chunk || a.index - b.index
}

// AWS: an event id is 56 decimal digits whose bits above 144 are the event's milliseconds; tokens carry the same number.
const DIGITS = 56
const TS_SHIFT = 144n
const CHUNK_SHIFT = 48n
const INDEX_MASK = (1n << CHUNK_SHIFT) - 1n
const CHUNK_MASK = (1n << (TS_SHIFT - CHUNK_SHIFT)) - 1n

export function eventId({ ts, chunk, index }: Position): string {
  const bits = (BigInt(ts) << TS_SHIFT) | (BigInt(chunk) << CHUNK_SHIFT) | BigInt(index)
  return bits.toString().padStart(DIGITS, '0')
}

/** The position in an event id; undefined when it is none. */
export function readEventId(id: string): Position | undefined {
  if (!/^\d{56}$/.test(id)) return undefined
  const bits = BigInt(id)
  const position = {
    ts: Number(bits >> TS_SHIFT),
    chunk: Number((bits >> CHUNK_SHIFT) & CHUNK_MASK),
    index: Number(bits & INDEX_MASK),
  }
  return Object.values(position).every(Number.isSafeInteger) ? position : undefined
}

/**
 * A boundary between events: `after` some position, or `before` one. GetLogEvents' tokens are boundaries with a
 * direction to go on: `f/<id>/s` reads what is after, `b/<id>/s` what is before.
 */
export type Boundary = { readonly side: 'after' | 'before'; readonly position: Position }

export function writeToken({ side, position }: Boundary): string {
  return `${side === 'after' ? 'f' : 'b'}/${eventId(position)}/s`
}

export function readToken(token: string): Boundary | undefined {
  const [, letter, id] = token.match(/^([fb])\/(\d{56})(?:\/s)?$/) ?? []
  const position = id === undefined ? undefined : readEventId(id)
  return position && { side: letter === 'f' ? 'after' : 'before', position }
}

/** The same boundary seen from the other side: between two events there is nothing, so one step over suffices. */
export function turned({ side, position }: Boundary): Boundary {
  if (side === 'after') return { side: 'before', position: { ...position, index: position.index + 1 } }
  if (position.index > 0) return { side: 'after', position: { ...position, index: position.index - 1 } }
  if (position.chunk > 0)
    return { side: 'after', position: { ts: position.ts, chunk: position.chunk - 1, index: LAST_INDEX } }
  return { side: 'after', position: { ts: Math.max(0, position.ts - 1), chunk: LAST_CHUNK, index: LAST_INDEX } }
}

/** Above every index and chunk that exists; exact in a double. */
export const LAST_INDEX = 0xffff_ffff
export const LAST_CHUNK = Number.MAX_SAFE_INTEGER
/** Above every time that a Date can hold. */
export const END_OF_TIME = 8_640_000_000_000_000
