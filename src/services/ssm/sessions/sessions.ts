// The SQL of sessions, and the token that opens one: kept as a digest, good once and for a short time.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../../../core/scope.ts'
import type { Tx } from '../../../store/tx.ts'

export interface SessionRow extends Scope {
  readonly id: string
  readonly target: string
  readonly document: string
  readonly parameters: Readonly<Record<string, readonly string[]>>
  readonly owner: string
  readonly token_digest: string | null
  readonly token_expires_at: Date
  readonly started_at: Date
}

/** The session named by the payload is to end. */
export const END_CHANNEL = 'ssm_session_end'

/** AWS: a token "is valid only long enough to ensure the connection is successful" [StartSession]; it does not say how long. */
export const TOKEN_MS = 60_000

export const digestOf = (token: string) => createHash('sha256').update(token).digest('hex')

export async function insertSession(tx: Tx, row: SessionRow): Promise<void> {
  await tx.run`
    insert into ssm.sessions (id, account, region, target, document, parameters, owner, token_digest, token_expires_at, started_at)
    values (${row.id}, ${row.account}, ${row.region}, ${row.target}, ${row.document}, ${JSON.stringify(row.parameters)}, ${row.owner},
            ${row.token_digest}, ${row.token_expires_at}, ${row.started_at})`
}

/** The session that `token` opens, which it does only this once; undefined when it opens none. */
export async function redeemToken(tx: Tx, id: string, token: string, now: Date): Promise<SessionRow | undefined> {
  const row = await tx.one<SessionRow>`
    select id, account, region, target, document, parameters, owner, token_digest, token_expires_at, started_at
    from ssm.sessions where id = ${id} for update`
  const given = Buffer.from(digestOf(token))
  const wanted = Buffer.from(row?.token_digest ?? digestOf(''))
  // Compared also when there is no such session: the answer takes as long.
  const same = timingSafeEqual(given, wanted)
  if (!row?.token_digest || !same || row.token_expires_at <= now) return undefined
  await tx.run`update ssm.sessions set token_digest = null where id = ${id}`
  return row
}

/** True when there was one. */
export async function deleteSession(tx: Tx, id: string, scope?: Scope): Promise<boolean> {
  const deleted = scope
    ? await tx.run`delete from ssm.sessions where id = ${id} and account = ${scope.account} and region = ${scope.region}`
    : await tx.run`delete from ssm.sessions where id = ${id}`
  return deleted === 1
}
