// Another content, by the comment's author only.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { announceComment } from '../../comments/announce.ts'
import { checkContent, commentShape, requireStanding, setContent } from '../../comments/comments.ts'
import { refuse } from '../../errors.ts'
import { touch } from '../../pullRequests/pullRequests.ts'

export const updateComment: Handler<'codecommit', 'UpdateComment'> = async (call, { commentId, content }) => {
  checkContent(content)
  const row = await requireStanding(call, commentId)
  if (row.author_arn !== principalArn(call.principal)) refuse('CommentNotCreatedByCallerException')
  if (!(await setContent(call.tx, row.id, content, call.now))) refuse('CommentDeletedException')
  const changed = await requireStanding(call, commentId)
  if (row.pull_request !== null) await touch(call, { ...call.scope, number: row.pull_request })
  await announceComment(call, changed, 'Updated')
  return { comment: await commentShape(call, changed) }
}
