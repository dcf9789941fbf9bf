// Processes that build, as rows: who lives, and what the dead leave behind.

import { sql } from '../../../store/sql.ts'
import { notify, type Tx } from '../../../store/tx.ts'
import { QUEUE_CHANNEL } from '../announce.ts'

/** Class of the advisory locks that living builders hold; the number is their row's id. */
const BUILDER_LOCK = 4566002

/** A row that was seen lately: a machine that is gone without a word holds its lock until the network gives up. */
export const ALIVE = sql`seen_at > now() - interval '30 seconds'`

export interface BuilderAbout {
  /** The name under which it leases. */
  readonly owner: string
  readonly host: string
  readonly pid: number
  /** Where its sandboxes are. */
  readonly place: string
  /** account/region/name */
  readonly fleets: readonly string[]
  readonly slots: number
}

/** The id of a builder to be. */
export async function nextId(tx: Tx): Promise<number> {
  return (await tx.one<{ id: number }>`select nextval('codebuild.builders_id_seq')::int as id`)!.id
}

/** Locks for as long as this connection lives; before the row can be seen, so that nobody takes the process for a dead one. */
export async function lockBuilder(tx: Tx, id: number): Promise<void> {
  await tx.run`select pg_advisory_lock(${BUILDER_LOCK}::int, ${id}::int)`
}

export async function unlockBuilder(tx: Tx, id: number): Promise<void> {
  await buryBuilder(tx, id)
  await tx.run`select pg_advisory_unlock(${BUILDER_LOCK}::int, ${id}::int)`
}

/** The builder is there, under `id` alone: on a new connection it has a new one, because the old one's lock may still be held. */
export async function seeBuilder(tx: Tx, id: number, about: BuilderAbout): Promise<void> {
  await tx.run`
    with earlier as (delete from codebuild.builders where owner = ${about.owner} and id <> ${id})
    insert into codebuild.builders (id, owner, host, pid, place, fleets, slots)
    values (${id}, ${about.owner}, ${about.host}, ${about.pid}, ${about.place}, ${about.fleets}::text[], ${about.slots})
    on conflict (id) do update set seen_at = now()`
}

/** Others whose lock nobody holds, or that were silent for too long. One that is just connecting again is among them for a moment. */
export async function silentBuilders(tx: Tx, self: number): Promise<number[]> {
  const rows = await tx.rows<{ id: number }>`
    select id from codebuild.builders b where id <> ${self} and (not (${ALIVE}) or not exists (
      select 1 from pg_locks l where l.locktype = 'advisory' and l.granted and l.classid = ${BUILDER_LOCK}::int::oid
        and l.objid = b.id::oid and l.objsubid = 2
        and l.database = (select oid from pg_database where datname = current_database())))`
  return rows.map(({ id }) => id)
}

/** Frees what a dead builder held; answers how many builds that were. */
export async function buryBuilder(tx: Tx, id: number): Promise<number> {
  const gone = await tx.one<{ owner: string }>`delete from codebuild.builders where id = ${id} returning owner`
  return gone ? freeBuildsOf(tx, gone.owner) : 0
}

async function freeBuildsOf(tx: Tx, owner: string): Promise<number> {
  const freed = await tx.run`
    update codebuild.builds set lease_owner = null, adrift_since = now()
    where lease_owner = ${owner} and status = 'IN_PROGRESS' and not queued`
  if (freed > 0) await notify(tx, QUEUE_CHANNEL, 'adrift')
  return freed
}

/** Frees the builds of every builder that has no row: a database of one process alone, which has just started. */
export async function forgetOthers(tx: Tx): Promise<void> {
  await tx.run`delete from codebuild.builders`
  await tx.run`
    update codebuild.builds set lease_owner = null, adrift_since = now()
    where lease_owner is not null and status = 'IN_PROGRESS' and not queued`
}
