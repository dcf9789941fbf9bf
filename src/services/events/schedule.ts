// Schedule expressions of rules: rate(...) and cron(...), and when they are due next.

import { type Cron, nextTime, parseCron } from './cron.ts'

export type Schedule =
  | { readonly kind: 'rate'; readonly milliseconds: number }
  | { readonly kind: 'cron'; readonly cron: Cron }

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** Reads a ScheduleExpression; undefined when AWS would call it not valid. */
export function parseSchedule(text: string): Schedule | undefined {
  const [, fields] = text.match(/^cron\((.*)\)$/) ?? []
  if (fields !== undefined) {
    const cron = parseCron(fields)
    return cron && { kind: 'cron', cron }
  }
  const [, count, unit, plural] = text.match(/^rate\((\d+) (minute|hour|day)(s?)\)$/) ?? []
  if (count === undefined || unit === undefined) return undefined
  // AWS: a value of 1 takes the singular unit, any other the plural (EventBridge user guide, Rate expressions).
  if (Number(count) < 1 || (Number(count) === 1) !== (plural === '')) return undefined
  return { kind: 'rate', milliseconds: Number(count) * UNITS[unit]! }
}

/** The first time after `now`; rates count from `since`, the time the schedule was set or fired last. */
export function dueAfter(schedule: Schedule, since: Date, now: Date): Date | undefined {
  if (schedule.kind === 'cron') return nextTime(schedule.cron, now)
  const passed = Math.max(0, now.getTime() - since.getTime())
  const periods = Math.floor(passed / schedule.milliseconds) + 1
  return new Date(since.getTime() + periods * schedule.milliseconds)
}
