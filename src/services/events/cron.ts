// AWS's cron expressions: six fields, `?`, L, W and #; in UTC, to the minute.

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ')
const DAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ')
const LAST_YEAR = 2199

/** Tells whether a day (UTC midnight) is meant by the day-of-month or day-of-week field. */
type DayTest = (day: Date) => boolean

export interface Cron {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly months: ReadonlySet<number>
  readonly years: ReadonlySet<number>
  readonly isDay: DayTest
}

/** Reads the six fields between the parentheses; undefined when they are not AWS's cron. */
export function parseCron(text: string): Cron | undefined {
  const fields = text.trim().toUpperCase().split(/\s+/)
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields
  if (fields.length !== 6) return undefined
  // AWS: "You can't use * in both the Day-of-month and Day-of-week fields": one of the two must be `?`.
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined
  const minutes = numbers(minute!, 0, 59)
  const hours = numbers(hour!, 0, 23)
  const months = numbers(month!, 1, 12, MONTHS)
  const years = numbers(year!, 1970, LAST_YEAR)
  const isDay = dayOfWeek === '?' ? monthDays(dayOfMonth!) : weekDays(dayOfWeek!)
  if (!minutes || !hours || !months || !years || !isDay) return undefined
  return { minutes, hours, months: new Set(months), years: new Set(years), isDay }
}

/** The first time after `after` (exclusive) that the expression means; undefined when there is none left. */
export function nextTime(cron: Cron, after: Date): Date | undefined {
  const day = new Date(Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate()))
  while (day.getUTCFullYear() <= LAST_YEAR) {
    if (!cron.years.has(day.getUTCFullYear())) {
      day.setUTCFullYear(day.getUTCFullYear() + 1, 0, 1)
    } else if (!cron.months.has(day.getUTCMonth() + 1)) {
      day.setUTCMonth(day.getUTCMonth() + 1, 1)
    } else {
      const time = cron.isDay(day) ? timeOfDay(cron, day, after) : undefined
      if (time) return time
      day.setUTCDate(day.getUTCDate() + 1)
    }
  }
  return undefined
}

function timeOfDay({ hours, minutes }: Cron, day: Date, after: Date): Date | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const time = new Date(day.getTime() + (hour * 60 + minute) * 60_000)
      if (time > after) return time
    }
  }
  return undefined
}

/** A field of lists, ranges and steps, sorted; undefined when it is malformed. */
function numbers(field: string, low: number, high: number, names: readonly string[] = []): number[] | undefined {
  const found = new Set<number>()
  for (const item of field.split(',')) {
    const [, first, last, step] = item.match(/^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/) ?? []
    if (first === undefined) return undefined
    const from = first === '*' ? low : numberOf(first, low, names)
    const until = last !== undefined ? numberOf(last, low, names) : first === '*' || step ? high : from
    const by = step === undefined ? 1 : Number(step)
    if (from === undefined || until === undefined || by < 1 || (first === '*' && last !== undefined)) return undefined
    if (from < low || until > high || until < from) return undefined
    for (let value = from; value <= until; value += by) found.add(value)
  }
  return [...found].sort((a, b) => a - b)
}

function numberOf(text: string, low: number, names: readonly string[]): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  const index = names.indexOf(text)
  return index === -1 ? undefined : index + low
}

const lastOfMonth = (day: Date) => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()

function monthDays(field: string): DayTest | undefined {
  if (field === 'L') return day => day.getUTCDate() === lastOfMonth(day)
  if (field === 'LW') return day => day.getUTCDate() === nearestWeekday(day, lastOfMonth(day))
  const [, weekday] = field.match(/^(\d{1,2})W$/) ?? []
  if (weekday !== undefined) {
    const wanted = Number(weekday)
    if (wanted < 1 || wanted > 31) return undefined
    return day => wanted <= lastOfMonth(day) && day.getUTCDate() === nearestWeekday(day, wanted)
  }
  const days = numbers(field, 1, 31)
  return days && (day => days.includes(day.getUTCDate()))
}

/** The weekday nearest to `date` in the month of `day`, never in another month. */
function nearestWeekday(day: Date, date: number): number {
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), date)).getUTCDay()
  if (weekday === 6) return date === 1 ? 3 : date - 1
  if (weekday === 0) return date === lastOfMonth(day) ? date - 2 : date + 1
  return date
}

/** Days of the week are 1 (Sunday) to 7. */
function weekDays(field: string): DayTest | undefined {
  const [, name, nth] = field.match(/^(\w+)#([1-5])$/) ?? []
  if (name !== undefined) {
    const wanted = numberOf(name, 1, DAYS)
    if (wanted === undefined || wanted < 1 || wanted > 7) return undefined
    return day => day.getUTCDay() + 1 === wanted && Math.ceil(day.getUTCDate() / 7) === Number(nth)
  }
  if (field === 'L') return day => day.getUTCDay() === 6
  const [, last] = field.match(/^(\d|[A-Z]{3})L$/) ?? []
  if (last !== undefined) {
    const wanted = numberOf(last, 1, DAYS)
    if (wanted === undefined || wanted < 1 || wanted > 7) return undefined
    return day => day.getUTCDay() + 1 === wanted && day.getUTCDate() > lastOfMonth(day) - 7
  }
  const days = numbers(field, 1, 7, DAYS)
  return days && (day => days.includes(day.getUTCDay() + 1))
}
