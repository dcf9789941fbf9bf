import { describe, expect, test } from 'vitest'
import { dueAfter, parseSchedule } from './schedule.ts'

const next = (expression: string, after: string, since = after) => {
  const schedule = parseSchedule(expression)
  return schedule && dueAfter(schedule, new Date(since), new Date(after))?.toISOString().slice(0, 16)
}

describe('the next time', () => {
  test.each<[expression: string, after: string, expected: string]>([
    ['cron(0 10 * * ? *)', '2026-03-01T09:59:59Z', '2026-03-01T10:00'],
    ['cron(0 10 * * ? *)', '2026-03-01T10:00:00Z', '2026-03-02T10:00'],
    ['cron(15 12 * * ? *)', '2026-12-31T13:00:00Z', '2027-01-01T12:15'],
    ['cron(0 18 ? * MON-FRI *)', '2026-11-20T18:00:00Z', '2026-11-23T18:00'],
    ['cron(0 8 1 * ? *)', '2026-01-31T00:00:00Z', '2026-02-01T08:00'],
    ['cron(0/15 * * * ? *)', '2026-01-01T00:16:00Z', '2026-01-01T00:30'],
    ['cron(*/15 * * * ? *)', '2026-01-01T00:45:00Z', '2026-01-01T01:00'],
    ['cron(0/10 * ? * MON-FRI *)', '2026-11-21T00:00:00Z', '2026-11-23T00:00'],
    ['cron(0/5 8-17 ? * MON-FRI *)', '2026-11-23T17:55:00Z', '2026-11-24T08:00'],
    ['cron(0 0 L * ? *)', '2026-02-01T00:00:00Z', '2026-02-28T00:00'],
    ['cron(0 0 L * ? *)', '2028-02-01T00:00:00Z', '2028-02-29T00:00'],
    ['cron(0 0 LW * ? *)', '2026-05-01T00:00:00Z', '2026-05-29T00:00'],
    ['cron(0 0 15W * ? *)', '2026-11-01T00:00:00Z', '2026-11-16T00:00'],
    ['cron(0 0 1W * ? *)', '2026-07-31T12:00:00Z', '2026-08-03T00:00'],
    ['cron(0 9 ? * 2#1 *)', '2026-11-03T00:00:00Z', '2026-12-07T09:00'],
    ['cron(0 9 ? * FRI#5 *)', '2026-11-01T00:00:00Z', '2027-01-29T09:00'],
    ['cron(0 9 ? * 6L *)', '2026-11-01T00:00:00Z', '2026-11-27T09:00'],
    ['cron(0 9 ? * FRIL *)', '2026-11-01T00:00:00Z', '2026-11-27T09:00'],
    ['cron(0 9 ? * L *)', '2026-11-23T00:00:00Z', '2026-11-28T09:00'],
    ['cron(0 0 29 FEB ? *)', '2026-01-01T00:00:00Z', '2028-02-29T00:00'],
    ['cron(30 6 1,15 JAN,JUL ? 2027-2028)', '2026-01-01T00:00:00Z', '2027-01-01T06:30'],
    ['rate(5 minutes)', '2026-01-01T00:00:00Z', '2026-01-01T00:05'],
    ['rate(1 hour)', '2026-01-01T00:00:00Z', '2026-01-01T01:00'],
    ['rate(7 days)', '2026-01-01T00:00:00Z', '2026-01-08T00:00'],
  ])('of %s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected)
  })

  test('a rate keeps its beat when it comes late', () => {
    expect(next('rate(5 minutes)', '2026-01-01T00:17:30Z', '2026-01-01T00:00:00Z')).toBe('2026-01-01T00:20')
  })

  test('there is none when the years are over', () => {
    expect(next('cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z')).toBeUndefined()
    expect(next('cron(0 0 31 2 ? *)', '2026-01-01T00:00:00Z')).toBeUndefined()
  })
})

describe('not valid', () => {
  test.each([
    'rate(5 minute)',
    'rate(1 minutes)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'rate(5)',
    'cron(0 10 * * *)',
    'cron(0 10 * * * *)',
    'cron(0 10 ? * ? *)',
    'cron(60 10 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 0 32 * ? *)',
    'cron(0 0 ? * 8 *)',
    'cron(0 0 ? * MON#6 *)',
    'cron(0 0 1 13 ? *)',
    'cron(0 0 1 * ? 1969)',
    'cron(5-1 0 1 * ? *)',
    'cron(0/0 0 1 * ? *)',
    '0 10 * * ? *',
  ])('%s', expression => {
    expect(parseSchedule(expression)).toBeUndefined()
  })
})
