// IAM's lists: Marker, MaxItems (100 unless told, 1,000 at most), IsTruncated.

import { page, readPageToken } from '../../core/pageToken.ts'
import { fail } from './errors.ts'

export interface PageInput {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

export const limitOf = ({ MaxItems }: PageInput) => MaxItems ?? 100

/** The key after which the page begins; empty text sorts before every name. */
export function after({ Marker }: PageInput): string {
  if (Marker === undefined) return ''
  const [key] = readPageToken(Marker) ?? []
  return typeof key === 'string' ? key : fail('ValidationError', 'Invalid Marker.')
}

/** `limit + 1` rows become the items of a page and what to say about the next. */
export function listed<Row>(rows: readonly Row[], input: PageInput, keyOf: (row: Row) => string) {
  const { items, nextToken } = page(rows, limitOf(input), row => [keyOf(row)])
  return { items, rest: nextToken ? { IsTruncated: true, Marker: nextToken } : { IsTruncated: false } }
}
