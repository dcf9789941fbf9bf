// Reactions as rows: one for each user and comment.

import type { Tx } from '../../../store/tx.ts'

export interface Reactions {
  /** Those of the caller. */
  readonly mine: string[]
  readonly counts: Record<string, number>
}

export async function reactionsTo(
  tx: Tx,
  comments: readonly string[],
  caller: string,
): Promise<Map<string, Reactions>> {
  const rows = await tx.rows<{ comment_id: string; reaction: string; users: number; mine: boolean }>`
    select comment_id, reaction, count(*)::int as users, bool_or(user_arn = ${caller}) as mine
    from codecommit.comment_reactions where comment_id = any(${comments}::text[])
    group by comment_id, reaction order by reaction`
  const found = new Map<string, Reactions>()
  for (const { comment_id, reaction, users, mine } of rows) {
    const known = found.get(comment_id) ?? { mine: [], counts: {} }
    known.counts[reaction] = users
    if (mine) known.mine.push(reaction)
    found.set(comment_id, known)
  }
  return found
}

export async function reactionOf(tx: Tx, commentId: string, user: string): Promise<string | undefined> {
  const row = await tx.one<{ reaction: string }>`
    select reaction from codecommit.comment_reactions where comment_id = ${commentId} and user_arn = ${user}`
  return row?.reaction
}

export async function putReaction(
  tx: Tx,
  commentId: string,
  { user, reaction, now }: { readonly user: string; readonly reaction: string; readonly now: Date },
): Promise<void> {
  await tx.run`
    insert into codecommit.comment_reactions (comment_id, user_arn, reaction, at)
    values (${commentId}, ${user}, ${reaction}, ${now})
    on conflict (comment_id, user_arn) do update set reaction = excluded.reaction, at = excluded.at`
}

export async function removeReaction(tx: Tx, commentId: string, user: string): Promise<void> {
  await tx.run`delete from codecommit.comment_reactions where comment_id = ${commentId} and user_arn = ${user}`
}

/** Ordered by reaction and user, after the last ones of the page before. */
export async function listReactions(
  tx: Tx,
  commentId: string,
  {
    user,
    after,
    limit,
  }: { readonly user?: string | undefined; readonly after: readonly [string, string]; readonly limit: number },
) {
  return tx.rows<{ reaction: string; user_arn: string }>`
    select reaction, user_arn from codecommit.comment_reactions
    where comment_id = ${commentId} and (reaction, user_arn) > (${after[0]}, ${after[1]})
      and (${user ?? null}::text is null or user_arn = ${user ?? null})
    order by reaction, user_arn limit ${limit}`
}
