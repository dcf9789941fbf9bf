// Timestamps in the three forms that AWS writes, read strictly: undefined is for what is none of a form.

import type { TimestampFormat } from '../model/index.ts'

const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/
const HTTP_DATE = /^[A-Za-z]{3,9},? \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d(\.\d+)? GMT$/
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/
const LIMIT = 8.64e15 // the last millisecond that a Date can hold

export function readTimestamp(text: string, format: TimestampFormat): Date | undefined {
  switch (format) {
    case 'dateTime': {
      const found = DATE_TIME.exec(text)
      if (!found) return undefined
      const zone = found[4]!.toUpperCase()
      return valid(
        new Date(
          `${found[1]}T${found[2]}${found[3] ?? ''}${zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`}`,
        ),
      )
    }
    case 'httpDate':
      return HTTP_DATE.test(text) ? valid(new Date(text)) : undefined
    case 'epochSeconds':
      return NUMBER.test(text) ? fromEpoch(Number(text)) : undefined
  }
}

export function fromEpoch(seconds: number): Date | undefined {
  const milliseconds = Math.round(seconds * 1000)
  return Math.abs(milliseconds) <= LIMIT ? new Date(milliseconds) : undefined
}

/** `2026-01-02T03:04:05Z`, with milliseconds only when there are some. */
export function dateTimeText(date: Date): string {
  const text = date.toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

export function timestampText(date: Date, format: TimestampFormat): string {
  switch (format) {
    case 'dateTime':
      return dateTimeText(date)
    case 'httpDate':
      return date.toUTCString()
    case 'epochSeconds':
      return String(date.getTime() / 1000)
  }
}

const valid = (date: Date) => (Number.isNaN(date.getTime()) ? undefined : date)
