// Pages of lists: a hundred ids, and tokens that are only good for the order they were made in.

import { readPageToken } from '../../core/pageToken.ts'
import { fail } from './errors.ts'

export const PAGE_SIZE = 100

/** The key inside a token made for `order`; undefined without a token. */
export function readToken(token: string | undefined, order: string): (string | number)[] | undefined {
  if (token === undefined || token === '') return undefined
  const [made, ...key] = readPageToken(token) ?? []
  if (made !== order) fail('InvalidInputException', 'Invalid next token provided')
  return key
}
