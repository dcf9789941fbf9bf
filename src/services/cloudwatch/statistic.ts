// Statistics by name, and their value of an aggregate. Pure.

import type { Aggregate, Sketch } from './points.ts'

export type Statistic =
  | { readonly kind: 'SampleCount' | 'Average' | 'Sum' | 'Minimum' | 'Maximum' }
  | { readonly kind: 'percentile'; readonly percent: number }

const SIMPLE = new Set(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'])

/** `Average`, `p99.9`; undefined for what is no statistic here. Trimmed means and the like are not there. */
export function readStatistic(name: string): Statistic | undefined {
  if (SIMPLE.has(name)) return { kind: name as 'Sum' }
  const [, digits] = /^p(\d{1,2}(?:\.\d{0,10})?|100)$/.exec(name) ?? []
  return digits === undefined ? undefined : { kind: 'percentile', percent: Number(digits) }
}

/** Undefined when the percentile can not be known, because only statistic sets came. */
export function statisticValue(statistic: Statistic, { count, sum, min, max, sketch }: Aggregate): number | undefined {
  switch (statistic.kind) {
    case 'SampleCount':
      return count
    case 'Sum':
      return sum
    case 'Average':
      return count === 0 ? undefined : sum / count
    case 'Minimum':
      return min
    case 'Maximum':
      return max
    case 'percentile':
      return sketch ? Math.min(max, Math.max(min, percentile(sketch, statistic.percent))) : undefined
  }
}

function percentile(sketch: Sketch, percent: number): number {
  const values = Object.entries(sketch)
    .map(([value, times]): [number, number] => [Number(value), times])
    .sort(([a], [b]) => a - b)
  const total = values.reduce((sum, [, times]) => sum + times, 0)
  const rank = (percent / 100) * total
  let seen = 0
  for (const [value, times] of values) {
    seen += times
    if (seen >= rank) return value
  }
  return values.at(-1)?.[0] ?? Number.NaN
}
