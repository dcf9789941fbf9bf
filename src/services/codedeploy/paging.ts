// Pages of names, and the limits of batches.

import { page, readPageToken } from '../../core/pageToken.ts'
import { badToken, fail } from './errors.ts'

export const PAGE = 100

/** The name after which the page starts. */
export function nameAfter(token: string | undefined): string {
  return token === undefined ? '' : String((readPageToken(token) ?? badToken())[0])
}

export function namesPage(rows: readonly { readonly name: string }[]): {
  items: string[]
  nextToken: string | undefined
} {
  const { items, nextToken } = page(rows, PAGE, row => [row.name])
  return { items: items.map(row => row.name), nextToken }
}

export function limitBatch(items: readonly unknown[], most = 100): void {
  if (items.length > most) {
    fail(
      'BatchLimitExceededException',
      `The maximum number of names or IDs allowed for this request (${most}) was exceeded.`,
    )
  }
}
