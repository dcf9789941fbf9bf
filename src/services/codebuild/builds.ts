// The SQL of builds.

import type { Progress } from '../../build/build.ts'
import type { EndStatus, PhaseRecord } from '../../build/phases.ts'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
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
  /** account/region/name of the fleet it is for. */
  readonly fleet?: string | null
  /** It overflowed its fleet. */
  readonly on_demand?: boolean
  /** The build that was started instead of this one. */
  readonly next_retry?: string | null
}

/** What the queue goes by, besides the row. */
export interface QueueEntry {
  /** `Linux/Small` */
  readonly kind: string
  /** It waits while its project has so many builds running. */
  readonly queueLimit?: number
}

export const BUILD_COLUMNS = sql`account, region, id, project, number, status, started_at, ended_at, definition, progress, outputs,
  idempotency_token, stop_requested, lease_owner, fleet, on_demand, next_retry`

export const revivedBuild = (row: BuildRow): BuildRow => ({ ...row, progress: reviveProgress(row.progress) })

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

/**
 * The queue's turns: a project's next build comes after its last one that waits, and not before the one that is next of all. So a project
 * that starts a thousand builds does not keep one that starts a single build waiting behind them.
 */
export async function insertBuild(tx: Tx, row: BuildRow, { kind, queueLimit }: QueueEntry): Promise<void> {
  await tx.run`
    insert into codebuild.builds (account, region, id, project, number, status, started_at, definition, progress, idempotency_token,
      fleet, kind, queue_limit, queued, turn)
    values (${row.account}, ${row.region}, ${row.id}, ${row.project}, ${row.number}, ${row.status}, ${row.started_at},
            ${JSON.stringify(row.definition)}, ${JSON.stringify(row.progress)}, ${row.idempotency_token}, ${row.fleet ?? null}, ${kind},
            ${queueLimit ?? null}, true,
            1 + greatest(0,
              (select turn - 1 from codebuild.builds where status = 'IN_PROGRESS' and queued order by turn, started_at, id limit 1),
              (select max(turn) from codebuild.builds where status = 'IN_PROGRESS' and queued
                and account = ${row.account} and region = ${row.region} and project = ${row.project})))`
}

export async function findBuild(tx: Tx, { account, region }: Scope, id: string): Promise<BuildRow | undefined> {
  const row = await tx.one<BuildRow>`
    select ${BUILD_COLUMNS} from codebuild.builds where account = ${account} and region = ${region} and id = ${id}`
  return row && revivedBuild(row)
}

export async function lockBuild(tx: Tx, { account, region }: Scope, id: string): Promise<BuildRow | undefined> {
  const row = await tx.one<BuildRow>`
    select ${BUILD_COLUMNS} from codebuild.builds where account = ${account} and region = ${region} and id = ${id} for update`
  return row && revivedBuild(row)
}

export async function findBuilds(tx: Tx, { account, region }: Scope, ids: readonly string[]): Promise<BuildRow[]> {
  const rows = await tx.rows<BuildRow>`
    select ${BUILD_COLUMNS} from codebuild.builds where account = ${account} and region = ${region} and id = any(${ids}::text[])`
  return rows.map(revivedBuild)
}

/** The build that this token started at most five minutes ago. */
export async function findByToken(tx: Tx, { account, region }: Scope, project: string, token: string, since: Date) {
  const row = await tx.one<BuildRow>`
    select ${BUILD_COLUMNS} from codebuild.builds
    where account = ${account} and region = ${region} and project = ${project} and idempotency_token = ${token} and started_at >= ${since}
    order by started_at desc limit 1`
  return row && revivedBuild(row)
}

export async function saveBuild(tx: Tx, row: BuildRow): Promise<void> {
  await tx.run`
    update codebuild.builds set status = ${row.status}, ended_at = ${row.ended_at}, progress = ${JSON.stringify(row.progress)},
      outputs = ${JSON.stringify(row.outputs)}, stop_requested = ${row.stop_requested}, lease_owner = ${row.lease_owner},
      adrift_since = case when ${row.status} = 'IN_PROGRESS' and ${row.lease_owner}::text is null and not queued then coalesce(adrift_since, now()) end
    where account = ${row.account} and region = ${row.region} and id = ${row.id}`
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
