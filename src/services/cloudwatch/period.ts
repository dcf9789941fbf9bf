// Periods and where they begin. Pure.

const DAY = 86_400_000

// AWS: 1, 5, 10, 20, 30, or any multiple of 60 [GetMetricStatistics, Period].
export const isPeriod = (seconds: number) => [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0)

/**
 * AWS: a start less than 15 days ago is rounded down to the minute, to five minutes up to 63 days, then to the hour; shorter
 * periods round to themselves [GetMetricStatistics, StartTime].
 */
export function roundStart(start: Date, period: number, now: Date): Date {
  const age = now.getTime() - start.getTime()
  const seconds = period < 60 ? period : age < 15 * DAY ? 60 : age < 63 * DAY ? 300 : 3600
  return floorTo(start, seconds)
}

export const floorTo = (time: Date, seconds: number) =>
  new Date(Math.floor(time.getTime() / (seconds * 1000)) * seconds * 1000)
