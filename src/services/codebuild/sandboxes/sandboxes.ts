// The SQL of sandboxes.

import type { Scope } from '../../../core/scope.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import { reviveProgress } from '../builds.ts'
import { arnOf, type BuildDefinition, idIn } from '../definition.ts'
import type { SandboxState } from './machine.ts'

export interface SandboxRow extends Scope, SandboxState {
  readonly id: string
  readonly project: string
  readonly requested_at: Date
  readonly definition: BuildDefinition
  readonly idempotency_token: string | null
}

/** A sandbox waits, or a builder that holds the one in the payload must look at its row and its commands. */
export const SANDBOX_CHANNEL = 'codebuild_sandbox'

export const sandboxKey = (row: Pick<SandboxRow, 'account' | 'region' | 'id'>) =>
  `${row.account}/${row.region}/${row.id}`

// AWS: `arn:aws:codebuild:region:account-id:sandbox/sandbox-id` [sandbox-ssh-tutorial].
export const sandboxArn = (scope: Scope, id: string) => arnOf(scope, 'sandbox', id)
export const sandboxId = (scope: Scope, idOrArn: string) => idIn(scope, 'sandbox', idOrArn)

const COLUMNS = sql`account, region, id, project, status, requested_at, ended_at, definition, progress, idempotency_token,
  stop_requested, lease_owner, lease_until, place`

const revived = (row: SandboxRow): SandboxRow => ({ ...row, progress: reviveProgress(row.progress) })

export async function insertSandbox(tx: Tx, row: SandboxRow): Promise<void> {
  await tx.run`
    insert into codebuild.sandboxes (account, region, id, project, status, requested_at, definition, progress, idempotency_token)
    values (${row.account}, ${row.region}, ${row.id}, ${row.project}, ${row.status}, ${row.requested_at},
            ${JSON.stringify(row.definition)}, ${JSON.stringify(row.progress)}, ${row.idempotency_token})`
}

export async function findSandboxes(tx: Tx, { account, region }: Scope, ids: readonly string[]): Promise<SandboxRow[]> {
  const rows = await tx.rows<SandboxRow>`
    select ${COLUMNS} from codebuild.sandboxes where account = ${account} and region = ${region} and id = any(${ids}::text[])`
  return rows.map(revived)
}

export async function findSandbox(tx: Tx, scope: Scope, id: string): Promise<SandboxRow | undefined> {
  return (await findSandboxes(tx, scope, [id]))[0]
}

export async function lockSandbox(tx: Tx, { account, region }: Scope, id: string): Promise<SandboxRow | undefined> {
  const row = await tx.one<SandboxRow>`
    select ${COLUMNS} from codebuild.sandboxes where account = ${account} and region = ${region} and id = ${id} for update`
  return row && revived(row)
}

/** The sandbox that this token started since then. */
export async function findSandboxByToken(
  tx: Tx,
  { account, region }: Scope,
  { project, token, since }: { project: string; token: string; since: Date },
): Promise<SandboxRow | undefined> {
  const row = await tx.one<SandboxRow>`
    select ${COLUMNS} from codebuild.sandboxes
    where account = ${account} and region = ${region} and project = ${project} and idempotency_token = ${token} and requested_at >= ${since}
    order by requested_at desc limit 1`
  return row && revived(row)
}

export async function saveSandbox(tx: Tx, row: SandboxRow): Promise<void> {
  await tx.run`
    update codebuild.sandboxes set status = ${row.status}, ended_at = ${row.ended_at}, progress = ${JSON.stringify(row.progress)},
      stop_requested = ${row.stop_requested}, lease_owner = ${row.lease_owner}, lease_until = ${row.lease_until}, place = ${row.place}
    where account = ${row.account} and region = ${row.region} and id = ${row.id}`
}

/**
 * The oldest sandbox that nobody holds, locked. One whose environment is elsewhere is left to a builder of that place until `lostBefore`;
 * after that anybody may have it, to say that it is lost.
 */
export async function nextSandbox(
  tx: Tx,
  { now, place, lostBefore }: { now: Date; place: string; lostBefore: Date },
): Promise<SandboxRow | undefined> {
  const row = await tx.one<SandboxRow>`
    select ${COLUMNS} from codebuild.sandboxes
    where status = 'IN_PROGRESS' and (lease_until is null or lease_until < ${now})
      and (place is null or place = ${place} or lease_until < ${lostBefore})
    order by requested_at limit 1 for update skip locked`
  return row && revived(row)
}

/** Takes the leases of every builder away: only who knows that all of them are dead may do so. */
export function forgetSandboxLeases(tx: Tx): Promise<number> {
  return tx.run`
    update codebuild.sandboxes set lease_owner = null, lease_until = null
    where status = 'IN_PROGRESS' and lease_owner is not null`
}

/** Prolongs the leases of `owner`; answers the keys of those that it still has. */
export async function renewSandboxLeases(tx: Tx, owner: string, until: Date): Promise<Set<string>> {
  const rows = await tx.rows<Pick<SandboxRow, 'account' | 'region' | 'id'>>`
    update codebuild.sandboxes set lease_until = ${until}
    where status = 'IN_PROGRESS' and lease_owner = ${owner} returning account, region, id`
  return new Set(rows.map(sandboxKey))
}

/** Whether a sandbox with this UUID is not over. */
export async function isOpenSandbox(tx: Tx, uuid: string): Promise<boolean> {
  const row =
    await tx.one`select 1 from codebuild.sandboxes where status = 'IN_PROGRESS' and split_part(id, ':', 2) = ${uuid}`
  return row !== undefined
}

/** One page of ids by the time they were asked for, of one project or of all; one more than `limit` when there are more. */
export function listSandboxes(
  tx: Tx,
  { account, region }: Scope,
  wanted: { project?: string; descending: boolean; after?: readonly (string | number)[]; limit: number },
): Promise<{ id: string; key: string }[]> {
  const [key, id] = wanted.after ?? []
  const order = wanted.descending ? sql`desc` : sql`asc`
  const beyond = wanted.descending ? sql`<` : sql`>`
  const ofProject = wanted.project === undefined ? sql`` : sql`and project = ${wanted.project}`
  const where = wanted.after ? sql`and (requested_at, id) ${beyond} (${key}::timestamptz, ${id}::text)` : sql``
  return tx.rows`
    select id, requested_at::text as key from codebuild.sandboxes
    where account = ${account} and region = ${region} ${ofProject} ${where}
    order by requested_at ${order}, id ${order} limit ${wanted.limit + 1}`
}
