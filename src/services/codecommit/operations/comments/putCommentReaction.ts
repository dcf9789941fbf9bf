// The caller's one reaction to a comment: given, changed, or taken back.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { announceReaction } from '../../comments/announce.ts'
import { requireStanding } from '../../comments/comments.ts'
import { putReaction, reactionOf, removeReaction } from '../../comments/reactionRows.ts'
import { readReaction } from '../../comments/reactions.ts'
import { refuse } from '../../errors.ts'

export const putCommentReaction: Handler<'codecommit', 'PutCommentReaction'> = async (
  call,
  { commentId, reactionValue },
) => {
  const row = await requireStanding(call, commentId)
  const reaction = readReaction(reactionValue) ?? refuse('InvalidReactionValueException')
  const user = principalArn(call.principal)
  if (reaction === 'none') {
    await removeReaction(call.tx, row.id, user)
    return {}
  }
  const before = await reactionOf(call.tx, row.id, user)
  if (before === reaction.name) return {}
  await putReaction(call.tx, row.id, { user, reaction: reaction.name, now: call.now })
  await announceReaction(call, row, reaction, before === undefined ? 'Created' : 'Updated')
  return {}
}
