// The SQL of builds.

import type { Progress } from '../../build/build.ts'
import type { EndStatus, PhaseRecord } from '../../build/phases.ts'
import type { Scope } from '../../core/scope.ts'
import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import type { BuildDefinition } from './definition.ts'

export type BuildStatus = EndStatus | 'IN_PROGRESS'

export interface StoredArtifact {
  readonly location: string
  readonly sha256sum?: string
  readonly md5sum?: string
}

export interface BuildRow {
  readonly account: string
  readonly region: string
  readonly id: string
  readonly project: string
  readonly number: number
  readonly status: BuildStatus
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly definition: BuildDefinition
  readonly progress: Progress
  /** By artifact identifier, '' for the primary. */
  readonly outputs: Readonly<Record<string, StoredArtifact>>
  readonly idempotency_token: string | null
  readonly stop_requested: boolean
  readonly lease_owner: string | null
  readonly lease_until: Date | null
}

const COLUMNS = sql`account, region, id, project, number, status, started_at, ended_at, definition, progress, outputs,
  idempotency_token, stop_requested, lease_owner, lease_until`

const revived = (row: BuildRow): BuildRow => ({ ...row, progress: reviveProgress(row.progress) })

/** Dates of a progress that was JSON. */
export function reviveProgress(progress: Progress): Progress {
  const phases = progress.phases.map(
    (phase): PhaseRecord => ({
      ...phase,
      start: new Date(phase.start),
      ...(phase.end && { end: new Date(phase.end) }),
    }),
  )
  return { ...progress, phases }
}

export async function insertBuild(tx: Tx, row: BuildRow): Promise<void> {
  await tx.run`
    insert into codebuild.builds (account, region, id, project, number, status, started_at, definition, progress, idempotency_token)
    values (${row.account}, ${row.region}, ${row.id}, ${row.project}, ${row.number}, ${row.status}, ${row.started_at},
            ${JSON.stringify(row.definition)}, ${JSON.stringify(row.progress)}, ${row.idempotency_token})`
}

export async function findBuild(tx: Tx, { account, region }: Scope, id: string): Promise<BuildRow | undefined> {
  const row = await tx.one<BuildRow>`
    select ${COLUMNS} from codebuild.builds where account = ${account} and region = ${region} and id = ${id}`
  return row && revived(row)
}

export async function lockBuild(tx: Tx, { account, region }: Scope, id: string): Promise<BuildRow | undefined> {
  const row = await tx.one<BuildRow>`
    select ${COLUMNS} from codebuild.builds where account = ${account} and region = ${region} and id = ${id} for update`
  return row && revived(row)
}

export async function findBuilds(tx: Tx, { account, region }: Scope, ids: readonly string[]): Promise<BuildRow[]> {
  const rows = await tx.rows<BuildRow>`
    select ${COLUMNS} from codebuild.builds where account = ${account} and region = ${region} and id = any(${ids}::text[])`
  return rows.map(revived)
}

/** The build that this token started at most five minutes ago. */
export async function findByToken(tx: Tx, { account, region }: Scope, project: string, token: string, since: Date) {
  const row = await tx.one<BuildRow>`
    select ${COLUMNS} from codebuild.builds
    where account = ${account} and region = ${region} and project = ${project} and idempotency_token = ${token} and started_at >= ${since}
    order by started_at desc limit 1`
  return row && revived(row)
}

export async function saveBuild(tx: Tx, row: BuildRow): Promise<void> {
  await tx.run`
    update codebuild.builds set status = ${row.status}, ended_at = ${row.ended_at}, progress = ${JSON.stringify(row.progress)},
      outputs = ${JSON.stringify(row.outputs)}, stop_requested = ${row.stop_requested}, lease_owner = ${row.lease_owner}, lease_until = ${row.lease_until}
    where account = ${row.account} and region = ${row.region} and id = ${row.id}`
}

/**
 * Leases the oldest build that nobody works on; builds that another process is just taking are passed over. When all that wait are locked
 * (their metrics are being put, a stop is being written), the oldest is waited for: nobody would tell that it is free again.
 */
export async function takeLease(tx: Tx, owner: string, now: Date, until: Date): Promise<BuildRow | undefined> {
  const take = (others: Sql) => tx.one<BuildRow>`
    update codebuild.builds set lease_owner = ${owner}, lease_until = ${until}
    where (account, region, id) in (
      select account, region, id from codebuild.builds
      where status = 'IN_PROGRESS' and (lease_until is null or lease_until < ${now})
      order by started_at limit 1 for update ${others})
    returning ${COLUMNS}`
  const row = (await take(sql`skip locked`)) ?? (await take(sql``))
  return row && revived(row)
}

/** Takes the leases of every builder away: only who knows that all of them are dead may do so. */
export async function forgetLeases(tx: Tx): Promise<number> {
  return tx.run`
    update codebuild.builds set lease_owner = null, lease_until = null
    where status = 'IN_PROGRESS' and lease_owner is not null`
}

/** Prolongs the lease; false when another process has it or the build is over. */
export async function renewLease(
  tx: Tx,
  { account, region }: Scope,
  id: string,
  owner: string,
  until: Date,
): Promise<boolean> {
  const renewed = await tx.run`
    update codebuild.builds set lease_until = ${until}
    where account = ${account} and region = ${region} and id = ${id} and lease_owner = ${owner} and status = 'IN_PROGRESS'`
  return renewed === 1
}

export async function countOpenBuilds(tx: Tx, { account, region }: Scope, project: string): Promise<number> {
  const row = await tx.one<{ count: number }>`
    select count(*)::int as count from codebuild.builds
    where account = ${account} and region = ${region} and project = ${project} and status = 'IN_PROGRESS'`
  return row?.count ?? 0
}

export async function deleteBuilds(tx: Tx, { account, region }: Scope, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>`
    delete from codebuild.builds
    where account = ${account} and region = ${region} and id = any(${ids}::text[]) and status <> 'IN_PROGRESS' returning id`
  return rows.map(row => row.id)
}

/** One page of build ids by start time, one more than `limit` when there are more. */
export function listBuilds(
  tx: Tx,
  { account, region }: Scope,
  { descending, after, limit }: { descending: boolean; after?: readonly string[]; limit: number },
): Promise<{ id: string; key: string }[]> {
  const [key, id] = after ?? []
  const order = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  const where = after ? sql`and (started_at, id) ${beyond} (${key}::timestamptz, ${id}::text)` : sql``
  return tx.rows`
    select id, started_at::text as key from codebuild.builds where account = ${account} and region = ${region} ${where}
    order by started_at ${order}, id ${order} limit ${limit + 1}`
}

export function listBuildsOf(
  tx: Tx,
  { account, region }: Scope,
  project: string,
  { descending, after, limit }: { descending: boolean; after?: number; limit: number },
): Promise<{ id: string; key: number }[]> {
  const order = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  const where = after === undefined ? sql`` : sql`and number ${beyond} ${after}`
  return tx.rows`
    select id, number as key from codebuild.builds
    where account = ${account} and region = ${region} and project = ${project} ${where}
    order by number ${order} limit ${limit + 1}`
}

/** What the labels of this database's sandboxes say. */
export async function houseOf(tx: Tx): Promise<{ id: string; secret: string }> {
  const row = await tx.one<{ id: string; secret: string }>`select id, secret from codebuild.house`
  return row!
}

/** Whether a build with this UUID is not over. */
export async function isOpenBuild(tx: Tx, uuid: string): Promise<boolean> {
  const row =
    await tx.one`select 1 from codebuild.builds where status = 'IN_PROGRESS' and split_part(id, ':', 2) = ${uuid}`
  return row !== undefined
}
