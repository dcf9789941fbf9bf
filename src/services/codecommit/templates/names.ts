// Lists of names, page by page.

import { page, readPageToken } from '../../../core/pageToken.ts'
import { refuse } from '../errors.ts'

const PAGE = 100
const MOST = 1000

export async function namesPage(
  { maxResults: limit = PAGE, nextToken: token }: { maxResults?: number | undefined; nextToken?: string | undefined },
  list: (after: string, limit: number) => Promise<readonly { readonly name: string }[]>,
): Promise<{ readonly names: string[]; readonly nextToken: string | undefined }> {
  if (limit < 1 || limit > MOST) refuse('InvalidMaxResultsException')
  const [after] = token === undefined ? [''] : (readPageToken(token) ?? [])
  if (typeof after !== 'string') return refuse('InvalidContinuationTokenException')
  const { items, nextToken } = page(await list(after, limit + 1), limit, ({ name }) => [name])
  return { names: items.map(({ name }) => name), nextToken }
}
