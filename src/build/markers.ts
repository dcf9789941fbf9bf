// Splits the output of a running build into the user's bytes and the markers of the build's own scripts.

export type OutputPart =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** `end`: how many bytes of the stream there are up to behind it. */
  | { readonly kind: 'marker'; readonly words: readonly string[]; readonly end: number }

export interface MarkerReader {
  /** Parts in order; bytes that may be the start of a marker wait for the next chunk. */
  read(chunk: Buffer): OutputPart[]
  /** What waited, as bytes. */
  end(): OutputPart[]
  /** How many bytes of the stream are in the parts answered so far. */
  readonly consumed: number
}

/** A marker is a record separator, the secret word, words, a newline; it may start in the middle of a line. */
export function markerReader(nonce: string): MarkerReader {
  const prefix = Buffer.from(`\x1e${nonce} `)
  let waiting: Buffer = Buffer.alloc(0)
  let consumed = 0
  return {
    get consumed() {
      return consumed
    },
    read(chunk) {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
      const parts: OutputPart[] = []
      for (;;) {
        const at = waiting.indexOf(prefix)
        const until = at < 0 ? waiting.length - partialPrefix(waiting, prefix) : at
        if (until > 0) parts.push({ kind: 'bytes', bytes: waiting.subarray(0, until) })
        consumed += until
        waiting = waiting.subarray(until)
        if (at < 0) return parts
        const newline = waiting.indexOf(10)
        if (newline < 0) return parts
        const text = waiting.subarray(prefix.length, newline).toString()
        consumed += newline + 1
        parts.push({ kind: 'marker', words: text.split(' ').filter(word => word !== ''), end: consumed })
        waiting = waiting.subarray(newline + 1)
      }
    },
    end() {
      const rest = waiting
      waiting = Buffer.alloc(0)
      consumed += rest.length
      return rest.length === 0 ? [] : [{ kind: 'bytes', bytes: rest }]
    },
  }
}

/** How many of the last bytes are the beginning of `prefix`. */
function partialPrefix(bytes: Buffer, prefix: Buffer): number {
  const from = Math.max(0, bytes.length - prefix.length + 1)
  const at = bytes.indexOf(0x1e, from)
  for (let start = at; start >= 0; start = bytes.indexOf(0x1e, start + 1)) {
    if (bytes.subarray(start).equals(prefix.subarray(0, bytes.length - start))) return bytes.length - start
  }
  return 0
}
