// Reads a stream first by exact counts, then as what is left of it: commands of a push, then its pack.

import type { Readable } from 'node:stream'

export interface ByteSource {
  /** `count` bytes, fewer only where the stream ends. */
  read(count: number): Promise<Buffer>
  /** The next chunk as it comes; undefined at the end. */
  next(): Promise<Buffer | undefined>
}

/** The stream is never destroyed from here: the door that owns the connection does that. */
export function byteSource(stream: Readable): ByteSource {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held: Buffer = Buffer.alloc(0)
  let over = false

  const pull = async (): Promise<Buffer | undefined> => {
    if (over) return undefined
    const { value, done } = await chunks.next()
    if (done) over = true
    return done ? undefined : value
  }

  return {
    async read(count) {
      if (held.length < count) {
        const parts = [held]
        let size = held.length
        while (size < count) {
          const chunk = await pull()
          if (!chunk) break
          parts.push(chunk)
          size += chunk.length
        }
        held = Buffer.concat(parts)
      }
      const taken = held.subarray(0, count)
      held = held.subarray(taken.length)
      return taken
    },
    async next() {
      if (held.length > 0) {
        const taken = held
        held = Buffer.alloc(0)
        return taken
      }
      return pull()
    },
  }
}
