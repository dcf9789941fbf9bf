// Which bytes a GET asks for: `Range` headers, part numbers, and how they fall on the blobs of an object.

import type { Readable } from 'node:stream'
import { cipherAt } from './ciphers.ts'
import { fail } from './errors.ts'

/** First and last byte, both included. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Reads `bytes=0-9`, `bytes=5-`, `bytes=-3` against an object of `size` bytes. Undefined = all of it: S3 ignores several
 * ranges and what is no range. A range behind the end is InvalidRange (416).
 */
export function readRange(header: string, size: number): Range | undefined {
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)$/i.exec(header.trim())
  if (!match) return undefined
  const [, from = '', to = ''] = match
  if (from === '' && to === '') return undefined
  const range =
    from === ''
      ? { start: Math.max(0, size - Number(to)), end: size - 1 }
      : { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined
  if (range.start >= size || (from === '' && Number(to) === 0)) {
    fail('InvalidRange', {
      fields: { RangeRequested: header, ActualObjectSize: size },
      headers: { 'content-range': `bytes */${size}` },
    })
  }
  return range
}

/** A piece of a blob: [blob, first byte, length], and of encrypted blobs where the counter of their first byte stands. */
export type Segment = readonly [blob: string, start: number, length: number, iv?: string]

/** The pieces of `segments` that make up bytes `start` to `end`. */
export function cut(segments: readonly Segment[], { start, end }: Range): Segment[] {
  const pieces: Segment[] = []
  let at = 0
  for (const [blob, first, length, ...iv] of segments) {
    const from = Math.max(start, at)
    const to = Math.min(end, at + length - 1)
    if (from <= to) pieces.push([blob, first + from - at, to - from + 1, ...iv])
    at += length
  }
  return pieces
}

/** Bytes of `pieces` behind each other, decrypted with `key`; a blob is opened when its turn comes. */
export async function* readSegments(
  pieces: readonly Segment[],
  get: (id: string, range: Range) => Promise<Readable>,
  key: Uint8Array | undefined,
): AsyncGenerator<Buffer> {
  for (const [blob, start, length, iv] of pieces) {
    const bytes = await get(blob, { start, end: start + length - 1 })
    if (iv === undefined) {
      yield* bytes
      continue
    }
    if (!key) throw new Error(`blob ${blob} is encrypted, but there is no key`)
    const cipher = cipherAt(key, iv, start)
    for await (const piece of bytes) yield cipher.update(piece)
  }
}
