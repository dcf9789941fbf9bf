// Chunks of lines: text as a build wrote it, split into events only when somebody reads it. What is no UTF-8 is kept as it is, and read
// with replacement characters.

import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

export interface Lines {
  readonly text: Buffer
  readonly cuts: readonly number[]
  readonly times: readonly (readonly [timestamp: number, events: number])[]
}

/** How many events the text is. */
export function countEvents({ text, cuts }: Pick<Lines, 'text' | 'cuts'>): number {
  let count = cuts.length
  let last = -1
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) {
    count++
    last = at
  }
  const end = Math.max(last + 1, cuts.at(-1) ?? 0)
  return end < text.length ? count + 1 : count
}

/** The text compressed, then where its events end and when they were, then how long that is: the text need not be copied to be kept. */
export async function packLines({ text, cuts, times }: Lines): Promise<Buffer> {
  const compressed = await compress(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  const events = Buffer.from(JSON.stringify({ cuts, times }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(events.length)
  return Buffer.concat([compressed, events, length])
}

/** Times and messages of the events in a chunk. */
export async function unpackLines(packed: Buffer): Promise<{ t: number[]; m: string[] }> {
  const end = packed.length - 4
  const start = end - packed.readUInt32BE(end)
  const { cuts, times } = JSON.parse(packed.toString('utf8', start, end)) as Pick<Lines, 'cuts' | 'times'>
  const text = await decompress(packed.subarray(0, start))
  const t: number[] = []
  for (const [timestamp, events] of times) for (let count = 0; count < events; count++) t.push(timestamp)
  const m: string[] = []
  let from = 0
  for (const cut of [...cuts, text.length]) {
    if (cut > from) {
      const lines = text.toString('utf8', from, cut).split('\n')
      const rest = lines.pop()!
      for (const line of lines) m.push(`${line}\n`)
      if (rest !== '') m.push(rest)
    }
    from = cut
  }
  return { t, m }
}
