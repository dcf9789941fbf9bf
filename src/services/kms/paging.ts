// Markers of lists.

import { page, readPageToken } from '../../core/pageToken.ts'
import { fail } from './errors.ts'

type Key = readonly (string | number)[]

/** The key behind which the page begins, or undefined for the first page. */
export function readMarker(marker: string | undefined, parts: number): (string | number)[] | undefined {
  if (!marker) return undefined
  const key = readPageToken(marker)
  return key?.length === parts ? key : fail('InvalidMarkerException', 'Could not deserialize marker')
}

/** A page as KMS answers it: `Truncated` always, `NextMarker` when there is more. */
export function paged<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => Key) {
  const { items, nextToken } = page(rows, limit, keyOf)
  return { items, marks: { Truncated: nextToken !== undefined, ...(nextToken && { NextMarker: nextToken }) } }
}
