// NextToken of lists.

import { readPageToken } from '../../core/pageToken.ts'
import { fail } from './errors.ts'

/** The name or version after which the page begins. */
export function readToken<T extends string | number>(token: string | undefined, first: T): T {
  if (!token) return first
  const [key, ...more] = readPageToken(token) ?? []
  if (typeof key !== typeof first || more.length > 0) fail('InvalidNextToken', 'The specified token is not valid.')
  return key as T
}
