// The values of metric math: a number, a time series, or an array of time series.

export interface Series {
  readonly label: string
  /** Seconds. */
  readonly period: number
  /** Milliseconds to value, in order of time. */
  readonly points: ReadonlyMap<number, number>
}

export type Value = number | Series | readonly Series[]

/** All the times that the request asks for, in milliseconds. */
export interface Grid {
  times(period: number): number[]
}

/** Values that are no numbers (a division by zero) are left out. */
export const seriesOf = (label: string, period: number, points: Iterable<readonly [number, number]>): Series => ({
  label,
  period,
  points: new Map([...points].filter(([, value]) => Number.isFinite(value)).sort(([a], [b]) => a - b)),
})

export const mapSeries = (series: Series, change: (value: number, time: number) => number): Series =>
  seriesOf(
    series.label,
    series.period,
    [...series.points].map(([time, value]) => [time, change(value, time)] as const),
  )

/** Only times that both have. */
export const zipSeries = (left: Series, right: Series, compute: (a: number, b: number) => number): Series =>
  seriesOf(
    left.label,
    Math.max(left.period, right.period),
    [...left.points].flatMap(([time, value]) => {
      const other = right.points.get(time)
      return other === undefined ? [] : [[time, compute(value, other)] as const]
    }),
  )
