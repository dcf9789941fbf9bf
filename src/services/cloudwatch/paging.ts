// NextToken of lists that are ordered by name.

import { readPageToken } from '../../core/pageToken.ts'
import { invalidToken } from './errors.ts'

/** The name after which the page begins; empty for the first page. */
export function afterName(token: string | undefined): string {
  if (token === undefined) return ''
  const [name] = readPageToken(token) ?? invalidToken()
  return typeof name === 'string' ? name : invalidToken()
}
