// An answer to a comment, in the same place and conversation.

import type { Handler } from '../../../../operation/handler.ts'
import { commentShape, requireComment } from '../../comments/comments.ts'
import { postComment } from '../../comments/postComment.ts'

export const postCommentReply: Handler<'codecommit', 'PostCommentReply'> = async (call, input) => {
  const answered = await requireComment(call, input.inReplyTo)
  const { before_commit, after_commit, before_blob, after_blob, file_path, file_position, relative_file_version } =
    answered
  const row = await postComment(call, {
    operation: 'PostCommentReply',
    repositoryId: answered.repository_id,
    pullRequest: answered.pull_request,
    content: input.content,
    token: input.clientRequestToken,
    place: { before_commit, after_commit, before_blob, after_blob, file_path, file_position, relative_file_version },
    inReplyTo: answered,
  })
  return { comment: await commentShape(call, row) }
}
