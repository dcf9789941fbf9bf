// The content goes, the comment stays. Whoever has the permission may do it, not only the author.

import type { Handler } from '../../../../operation/handler.ts'
import { commentShape, requireComment, requireStanding, setContent } from '../../comments/comments.ts'
import { refuse } from '../../errors.ts'

// AWS: "the content of a comment can be removed if the user has this permission" [auth-and-access-control-permissions-reference].
export const deleteCommentContent: Handler<'codecommit', 'DeleteCommentContent'> = async (call, { commentId }) => {
  const { id } = await requireStanding(call, commentId)
  if (!(await setContent(call.tx, id, null, call.now))) refuse('CommentDeletedException')
  return { comment: await commentShape(call, await requireComment(call, commentId)) }
}
