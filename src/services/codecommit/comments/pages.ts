// Pages of comments: a page counts comments, an answer shows them by conversation.

import type { Comment } from '@aws-sdk/client-codecommit'
import { page, readPageToken } from '../../../core/pageToken.ts'
import type { Call } from '../../../operation/call.ts'
import { refuse } from '../errors.ts'
import { type CommentPlace, type CommentRow, commentShapes } from './comments.ts'

// AWS: 100 comments by default, at most 500 [GetCommentsForPullRequest].
const PAGE = 100
const MOST = 500

export interface Asked {
  readonly limit: number
  readonly after?: CommentPlace
}

export function readPage(maxResults: number | undefined, token: string | undefined): Asked {
  const limit = maxResults ?? PAGE
  if (limit < 1 || limit > MOST) refuse('InvalidMaxResultsException')
  if (token === undefined) return { limit }
  const key = readPageToken(token)
  const kinds = key?.map(part => typeof part).join(' ')
  if (kinds !== 'number string number string') return refuse('InvalidContinuationTokenException')
  return { limit, after: key as unknown as CommentPlace }
}

export interface Conversation {
  readonly first: CommentRow
  readonly comments: Comment[]
}

/** `rows` are one more than the page has. */
export async function conversations(call: Call, rows: readonly CommentRow[], limit: number) {
  const { items, nextToken } = page(rows, limit, row => [
    row.thread_at.getTime(),
    row.thread_id,
    row.created_at.getTime(),
    row.id,
  ])
  const shapes = await commentShapes(call, items)
  const found = new Map<string, Conversation>()
  items.forEach((row, index) => {
    const known = found.get(row.thread_id)
    if (known) known.comments.push(shapes[index]!)
    else found.set(row.thread_id, { first: row, comments: [shapes[index]!] })
  })
  return { conversations: [...found.values()], nextToken }
}
