// Comments as rows: on pull requests and on comparisons, in conversations.

import type { Comment, RelativeFileVersionEnum } from '@aws-sdk/client-codecommit'
import type { Scope } from '../../../core/scope.ts'
import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import type { Tx } from '../../../store/tx.ts'
import { refuse } from '../errors.ts'
import { reactionsTo } from './reactionRows.ts'

export interface CommentRow {
  readonly id: string
  readonly account: string
  readonly region: string
  readonly repository_id: string
  readonly repository_name: string
  readonly pull_request: number | null
  readonly before_commit: string | null
  readonly after_commit: string
  readonly before_blob: string | null
  readonly after_blob: string | null
  readonly file_path: string | null
  readonly file_position: number | null
  readonly relative_file_version: RelativeFileVersionEnum | null
  readonly thread_id: string
  readonly thread_at: Date
  readonly in_reply_to: string | null
  readonly author_arn: string
  /** Null once it was deleted. */
  readonly content: string | null
  readonly client_request_token: string | null
  readonly request_hash: string
  readonly created_at: Date
  readonly modified_at: Date
}

// AWS: comments have at most 10,240 characters [limits].
const MOST_CHARACTERS = 10_240

export function checkContent(content: string): void {
  if (content.trim() === '') refuse('CommentContentRequiredException')
  if (content.length > MOST_CHARACTERS) refuse('CommentContentSizeLimitExceededException')
}

/** AWS: ids are two UUIDs with a colon between them [monitoring-events]. */
export const newCommentId = (call: Call): string => `${call.ids.uuid()}:${call.ids.uuid()}`

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
export const isCommentId = (id: string): boolean => new RegExp(`^${UUID}:${UUID}$`).test(id)

export async function findComment(tx: Tx, scope: Scope, id: string): Promise<CommentRow | undefined> {
  return tx.one<CommentRow>`
    select c.*, r.name as repository_name from codecommit.comments c
    join codecommit.repositories r on r.id = c.repository_id
    where c.id = ${id} and c.account = ${scope.account} and c.region = ${scope.region}`
}

/** The comment, or CommentIdRequired-, InvalidCommentId-, CommentDoesNotExistException. */
export async function requireComment(call: Call, id: string | undefined): Promise<CommentRow> {
  if (!id) return refuse('CommentIdRequiredException')
  if (!isCommentId(id)) return refuse('InvalidCommentIdException')
  return (await findComment(call.tx, call.scope, id)) ?? refuse('CommentDoesNotExistException')
}

/** The same, and not deleted: CommentDeletedException. */
export async function requireStanding(call: Call, id: string | undefined): Promise<CommentRow> {
  const row = await requireComment(call, id)
  return row.content === null ? refuse('CommentDeletedException') : row
}

export async function findCommentByToken(tx: Tx, scope: Scope, token: string): Promise<CommentRow | undefined> {
  return tx.one<CommentRow>`
    select c.*, r.name as repository_name from codecommit.comments c
    join codecommit.repositories r on r.id = c.repository_id
    where c.account = ${scope.account} and c.region = ${scope.region} and c.client_request_token = ${token}`
}

/** False when the token is taken. The repository's row is touched before the pull request's, in the order of pushes. */
export async function insertComment(
  tx: Tx,
  row: Omit<CommentRow, 'repository_name' | 'modified_at'>,
): Promise<boolean> {
  await tx.run`select 1 from codecommit.repositories where id = ${row.repository_id} for key share`
  const count = await tx.run`
    insert into codecommit.comments (id, account, region, repository_id, pull_request, before_commit, after_commit,
      before_blob, after_blob, file_path, file_position, relative_file_version, thread_id, thread_at, in_reply_to,
      author_arn, content, client_request_token, request_hash, created_at, modified_at)
    values (${row.id}, ${row.account}, ${row.region}, ${row.repository_id}, ${row.pull_request}, ${row.before_commit},
      ${row.after_commit}, ${row.before_blob}, ${row.after_blob}, ${row.file_path}, ${row.file_position},
      ${row.relative_file_version}, ${row.thread_id}, ${row.thread_at}, ${row.in_reply_to}, ${row.author_arn},
      ${row.content}, ${row.client_request_token}, ${row.request_hash}, ${row.created_at}, ${row.created_at})
    on conflict (account, region, client_request_token) do nothing`
  return count === 1
}

/** Null deletes the content; what nobody changed is not changed a second time. */
export async function setContent(tx: Tx, id: string, content: string | null, now: Date): Promise<boolean> {
  const count = await tx.run`
    update codecommit.comments set content = ${content}, modified_at = ${now} where id = ${id} and content is not null`
  return count === 1
}

/** Time of the conversation, its id, time of the comment, its id. */
export type CommentPlace = readonly [number, string, number, string]

const BEFORE_ALL: CommentPlace = [-1, '', -1, '']

/** Conversations in their order, each from its first comment on. */
export async function listOfPullRequest(
  tx: Tx,
  { account, region, number }: { readonly account: string; readonly region: string; readonly number: number },
  { after = BEFORE_ALL, limit, before_commit, after_commit }: CommentListing,
): Promise<CommentRow[]> {
  return tx.rows<CommentRow>`
    select c.*, r.name as repository_name from codecommit.comments c
    join codecommit.repositories r on r.id = c.repository_id
    where c.account = ${account} and c.region = ${region} and c.pull_request = ${number}
      and (c.thread_at, c.thread_id, c.created_at, c.id) > (${new Date(after[0])}, ${after[1]}, ${new Date(after[2])}, ${after[3]})
      and (${before_commit ?? null}::text is null or c.before_commit = ${before_commit ?? null})
      and (${after_commit ?? null}::text is null or c.after_commit = ${after_commit ?? null})
    order by c.thread_at, c.thread_id, c.created_at, c.id limit ${limit}`
}

export interface CommentListing {
  readonly after?: CommentPlace | undefined
  readonly limit: number
  readonly before_commit?: string | undefined
  readonly after_commit?: string | undefined
}

export async function listOfComparison(
  tx: Tx,
  repositoryId: string,
  { after = BEFORE_ALL, limit, before_commit, after_commit }: CommentListing,
): Promise<CommentRow[]> {
  return tx.rows<CommentRow>`
    select c.*, r.name as repository_name from codecommit.comments c
    join codecommit.repositories r on r.id = c.repository_id
    where c.repository_id = ${repositoryId} and c.after_commit = ${after_commit} and c.pull_request is null
      and (c.thread_at, c.thread_id, c.created_at, c.id) > (${new Date(after[0])}, ${after[1]}, ${new Date(after[2])}, ${after[3]})
      and (${before_commit ?? null}::text is null or c.before_commit = ${before_commit ?? null})
    order by c.thread_at, c.thread_id, c.created_at, c.id limit ${limit}`
}

/** Several at once: reactions are asked for once. */
export async function commentShapes(call: Call, rows: readonly CommentRow[]): Promise<Comment[]> {
  const reactions = await reactionsTo(
    call.tx,
    rows.map(({ id }) => id),
    principalArn(call.principal),
  )
  return rows.map(row => {
    const { mine = [], counts = {} } = reactions.get(row.id) ?? {}
    return {
      commentId: row.id,
      ...(row.content !== null && { content: row.content }),
      ...(row.in_reply_to !== null && { inReplyTo: row.in_reply_to }),
      creationDate: row.created_at,
      lastModifiedDate: row.modified_at,
      authorArn: row.author_arn,
      deleted: row.content === null,
      ...(row.client_request_token !== null && { clientRequestToken: row.client_request_token }),
      callerReactions: mine,
      reactionCounts: counts,
    }
  })
}

export async function commentShape(call: Call, row: CommentRow): Promise<Comment> {
  return (await commentShapes(call, [row]))[0]!
}
