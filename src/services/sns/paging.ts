// NextToken of lists.

import { readPageToken } from '../../core/pageToken.ts'
import { invalid } from './errors.ts'

/** AWS: lists answer 100 at a time. */
export const PAGE = 100

/** The `parts` texts after which the page begins; empty ones for the first page. */
export function afterKey(token: string | undefined, parts: 1 | 2): string[] {
  if (!token) return ['', '']
  const key = readPageToken(token)
  if (key?.length !== parts || !key.every(part => typeof part === 'string')) return invalid('NextToken')
  return key as string[]
}
