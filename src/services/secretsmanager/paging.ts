// NextToken of lists.

import { readPageToken } from '../../core/pageToken.ts'
import { fail } from './errors.ts'

/** The key behind which the page begins, of `parts` parts. */
export function readToken(token: string | undefined, parts: number): (string | number)[] | undefined {
  if (!token) return undefined
  const key = readPageToken(token)
  return key?.length === parts ? key : fail('InvalidNextTokenException', 'The NextToken value is invalid.')
}
