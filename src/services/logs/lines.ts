// Chunks of lines: text as a build wrote it, split into events only when somebody reads it. What is no UTF-8 is kept as it is, and read
// with replacement characters.

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

/** What a chunk of lines is before it is compressed. */
export function packLines({ text, cuts, times }: Lines): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ cuts, times })}\n`), text])
}

/** Times and messages of the events in a chunk. */
export function unpackLines(packed: Buffer): { t: number[]; m: string[] } {
  const head = packed.indexOf(10)
  const { cuts, times } = JSON.parse(packed.toString('utf8', 0, head)) as Pick<Lines, 'cuts' | 'times'>
  const text = packed.subarray(head + 1)
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
