// Who reacted to a comment, by reaction.

import type { ReactionForComment } from '@aws-sdk/client-codecommit'
import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { requireStanding } from '../../comments/comments.ts'
import { listReactions } from '../../comments/reactionRows.ts'
import { reactionNamed } from '../../comments/reactions.ts'
import { refuse } from '../../errors.ts'
import { isIdentityArn } from '../../identityArn.ts'

// AWS: 1,000 is the default and the most [GetCommentReactions].
const PAGE = 1000

export const getCommentReactions: Handler<'codecommit', 'GetCommentReactions'> = async (call, input) => {
  const { reactionUserArn: user, maxResults: limit = PAGE, nextToken: token } = input
  if (limit < 1 || limit > PAGE) refuse('InvalidMaxResultsException')
  if (user !== undefined && !isIdentityArn(user)) refuse('InvalidReactionUserArnException')
  const [reaction, name] = token === undefined ? ['', ''] : (readPageToken(token) ?? [])
  if (typeof reaction !== 'string' || typeof name !== 'string') return refuse('InvalidContinuationTokenException')
  const { id } = await requireStanding(call, input.commentId)
  const rows = await listReactions(call.tx, id, { user, after: [reaction, name], limit: limit + 1 })
  const { items, nextToken } = page(rows, limit, row => [row.reaction, row.user_arn])
  const found = new Map<string, ReactionForComment & { reactionUsers: string[] }>()
  for (const row of items) {
    const known = found.get(row.reaction)
    if (known) known.reactionUsers.push(row.user_arn)
    else {
      found.set(row.reaction, {
        reaction: reactionNamed(row.reaction).formats,
        reactionUsers: [row.user_arn],
        reactionsFromDeletedUsersCount: 0,
      })
    }
  }
  return { reactionsForComment: [...found.values()], ...(nextToken && { nextToken }) }
}
