// The regions in which two sides changed a file, found from what each side changed against the base. Pure.

/** Lines [start, end) of the base that became lines [sideStart, sideEnd) of a side. */
export interface Change {
  readonly start: number
  readonly end: number
  readonly sideStart: number
  readonly sideEnd: number
}

/** Lines from `start` up to, not including, `end`; the first line is 0. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface Region {
  readonly base: Range
  readonly source: Range
  readonly destination: Range
  readonly changedBy: 'source' | 'destination' | 'both'
}

interface Marked extends Change {
  readonly side: 'source' | 'destination'
}

/** Changes that touch or overlap are one region; both lists are in the order of the base. */
export function regionsOf(source: readonly Change[], destination: readonly Change[]): Region[] {
  const all: Marked[] = [
    ...source.map(change => ({ ...change, side: 'source' as const })),
    ...destination.map(change => ({ ...change, side: 'destination' as const })),
  ].sort((a, b) => a.start - b.start || a.end - b.end)
  const groups: Marked[][] = []
  let end = -1
  for (const change of all) {
    const last = groups.at(-1)
    if (last && change.start <= end) last.push(change)
    else groups.push([change])
    end = Math.max(end, change.end)
  }
  const shifts = { source: 0, destination: 0 }
  return groups.map(group => {
    const base = { start: group[0]!.start, end: Math.max(...group.map(change => change.end)) }
    const range = (side: Marked['side']): Range => {
      const start = base.start + shifts[side]
      for (const change of group) {
        if (change.side === side) shifts[side] += change.sideEnd - change.sideStart - (change.end - change.start)
      }
      return { start, end: base.end + shifts[side] }
    }
    const sides = new Set(group.map(({ side }) => side))
    return {
      base,
      source: range('source'),
      destination: range('destination'),
      changedBy: sides.size === 2 ? 'both' : group[0]!.side,
    }
  })
}

/** With their line breaks; a last line without one is a line. */
export function linesOf(text: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf(10, at)
    const end = found === -1 ? text.length : found + 1
    lines.push(text.subarray(at, end))
    at = end
  }
  return lines
}
