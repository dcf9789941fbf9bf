// One comment.

import type { Handler } from '../../../../operation/handler.ts'
import { commentShape, requireStanding } from '../../comments/comments.ts'

export const getComment: Handler<'codecommit', 'GetComment'> = async (call, { commentId }) => ({
  comment: await commentShape(call, await requireStanding(call, commentId)),
})
