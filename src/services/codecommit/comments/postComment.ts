// A new comment, or the one that the same token already made.

import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import { refuse } from '../errors.ts'
import { touch } from '../pullRequests/pullRequests.ts'
import { checkToken, requestHash } from '../requestToken.ts'
import { announceComment } from './announce.ts'
import {
  type CommentRow,
  checkContent,
  findComment,
  findCommentByToken,
  insertComment,
  newCommentId,
} from './comments.ts'
import type { Place } from './location.ts'

export interface NewComment {
  readonly operation: string
  readonly repositoryId: string
  /** On a comparison without it. */
  readonly pullRequest: number | null
  readonly content: string
  readonly token: string | undefined
  readonly place: Place
  /** What it answers. */
  readonly inReplyTo?: Pick<CommentRow, 'id' | 'thread_id' | 'thread_at'>
}

export async function postComment(call: Call, comment: NewComment): Promise<CommentRow> {
  const { repositoryId, pullRequest, content, token, place, inReplyTo } = comment
  checkContent(content)
  checkToken(token)
  const parameters = [repositoryId, pullRequest, content, Object.values(place), inReplyTo?.id]
  const request_hash = requestHash(call, comment.operation, parameters)
  const madeBefore = async () => {
    const known = token === undefined ? undefined : await findCommentByToken(call.tx, call.scope, token)
    return known && known.request_hash !== request_hash ? refuse('IdempotencyParameterMismatchException') : known
  }
  const known = await madeBefore()
  if (known) return known
  const id = newCommentId(call)
  const inserted = await insertComment(call.tx, {
    id,
    ...call.scope,
    repository_id: repositoryId,
    pull_request: pullRequest,
    ...place,
    thread_id: inReplyTo?.thread_id ?? id,
    thread_at: inReplyTo?.thread_at ?? call.now,
    in_reply_to: inReplyTo?.id ?? null,
    author_arn: principalArn(call.principal),
    content,
    client_request_token: token ?? null,
    request_hash,
    created_at: call.now,
  })
  // Somebody was faster with the same token.
  if (!inserted) return (await madeBefore())!
  const row = (await findComment(call.tx, call.scope, id))!
  if (pullRequest !== null) await touch(call, { ...call.scope, number: pullRequest })
  await announceComment(call, row, 'Created')
  return row
}
