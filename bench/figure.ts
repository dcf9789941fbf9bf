// What a benchmark says.

export interface Figure {
  readonly name: string
  /** Ours against the baseline's. */
  readonly ratio: number
  readonly ours: number
  readonly baseline: { readonly name: string; readonly value: number }
  /** Of both values: `ms`, `calls/s`, `MB/s`. */
  readonly unit: string
  readonly goal?: { readonly text: string; readonly met: boolean }
}

export type Bench = (report: (figure: Figure) => void) => Promise<void>

/** A figure whose ratio is ours divided by the baseline's. */
export function compare(
  name: string,
  unit: string,
  ours: number,
  baseline: Figure['baseline'],
  goal?: { text: string; met: (ratio: number, difference: number) => boolean },
): Figure {
  const ratio = ours / baseline.value
  return {
    name,
    unit,
    ours,
    baseline,
    ratio,
    ...(goal ? { goal: { text: goal.text, met: goal.met(ratio, ours - baseline.value) } } : {}),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
