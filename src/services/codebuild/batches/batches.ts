// The SQL of batches.

import type { ProjectArtifacts } from '@aws-sdk/client-codebuild'
import type { Scope } from '../../../core/scope.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import type { StoredArtifact } from '../builds.ts'
import type { BatchDefinition } from './definition.ts'
import type { Attempt, BatchPhase, BatchState, BatchStatus } from './machine.ts'

export interface BatchRow {
  readonly account: string
  readonly region: string
  /** `project:uuid` */
  readonly id: string
  readonly project: string
  readonly number: number
  readonly status: BatchStatus
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly definition: BatchDefinition
  readonly state: BatchState
  /** The combined one. */
  readonly artifact: StoredArtifact | null
  readonly idempotency_token: string | null
  readonly token_digest: string | null
  readonly retry_token: string | null
  readonly retry_digest: string | null
  readonly retried_at: Date | null
}

const COLUMNS = sql`account, region, id, project, number, status, started_at, ended_at, definition, state, artifact,
  idempotency_token, token_digest, retry_token, retry_digest, retried_at`

const revived = (row: BatchRow): BatchRow => ({
  ...row,
  state: {
    ...row.state,
    phases: row.state.phases.map(
      (phase): BatchPhase => ({
        ...phase,
        start: new Date(phase.start),
        ...(phase.end && { end: new Date(phase.end) }),
      }),
    ),
    groups: row.state.groups.map(group => ({
      ...group,
      current: revivedAttempt(group.current),
      prior: group.prior.map(revivedAttempt),
    })),
  },
})

const revivedAttempt = (attempt: Attempt): Attempt => ({ ...attempt, requestedOn: new Date(attempt.requestedOn) })

export async function insertBatch(tx: Tx, row: BatchRow): Promise<void> {
  await tx.run`
    insert into codebuild.batches (account, region, id, project, number, status, started_at, definition, state, idempotency_token, token_digest)
    values (${row.account}, ${row.region}, ${row.id}, ${row.project}, ${row.number}, ${row.status}, ${row.started_at},
            ${JSON.stringify(row.definition)}, ${JSON.stringify(row.state)}, ${row.idempotency_token}, ${row.token_digest})`
}

/** The next batch number of a project; calls for one project go one after the other until their transactions end. */
export async function takeBatchNumber(tx: Tx, projectId: string): Promise<number> {
  const row = await tx.one<{ last: number }>`
    insert into codebuild.batch_numbers (project, last) values (${projectId}, 1)
    on conflict (project) do update set last = codebuild.batch_numbers.last + 1 returning last`
  return row!.last
}

export async function findBatch(tx: Tx, { account, region }: Scope, id: string): Promise<BatchRow | undefined> {
  const row = await tx.one<BatchRow>`
    select ${COLUMNS} from codebuild.batches where account = ${account} and region = ${region} and id = ${id}`
  return row && revived(row)
}

export async function lockBatch(tx: Tx, { account, region }: Scope, id: string): Promise<BatchRow | undefined> {
  const row = await tx.one<BatchRow>`
    select ${COLUMNS} from codebuild.batches where account = ${account} and region = ${region} and id = ${id} for update`
  return row && revived(row)
}

export async function findBatches(tx: Tx, { account, region }: Scope, ids: readonly string[]): Promise<BatchRow[]> {
  const rows = await tx.rows<BatchRow>`
    select ${COLUMNS} from codebuild.batches where account = ${account} and region = ${region} and id = any(${ids}::text[])`
  return rows.map(revived)
}

/** The batch that this token started since then. */
export async function findBatchByToken(
  tx: Tx,
  { account, region }: Scope,
  project: string,
  token: string,
  since: Date,
) {
  const row = await tx.one<BatchRow>`
    select ${COLUMNS} from codebuild.batches
    where account = ${account} and region = ${region} and project = ${project} and idempotency_token = ${token} and started_at >= ${since}
    order by started_at desc limit 1`
  return row && revived(row)
}

export async function saveBatch(tx: Tx, row: BatchRow): Promise<void> {
  await tx.run`
    update codebuild.batches set status = ${row.status}, ended_at = ${row.ended_at}, state = ${JSON.stringify(row.state)},
      artifact = ${row.artifact && JSON.stringify(row.artifact)}, retry_token = ${row.retry_token},
      retry_digest = ${row.retry_digest}, retried_at = ${row.retried_at}
    where account = ${row.account} and region = ${row.region} and id = ${row.id}`
}

export async function deleteBatch(tx: Tx, { account, region }: Scope, id: string): Promise<void> {
  await tx.run`delete from codebuild.batches where account = ${account} and region = ${region} and id = ${id}`
}

/** What a batch shows of its builds. */
export interface MemberRow {
  readonly id: string
  readonly artifacts: ProjectArtifacts | null
  readonly secondary: ProjectArtifacts[] | null
  readonly outputs: Readonly<Record<string, StoredArtifact>>
}

export function findMembers(tx: Tx, { account, region }: Scope, ids: readonly string[]): Promise<MemberRow[]> {
  return tx.rows<MemberRow>`
    select id, definition->'artifacts' as artifacts, definition->'secondaryArtifacts' as secondary, outputs
    from codebuild.builds where account = ${account} and region = ${region} and id = any(${ids}::text[])`
}

export interface BatchPage {
  readonly status?: BatchStatus
  readonly descending: boolean
  readonly limit: number
}

/** One page of batch ids by start time, one more than `limit` when there are more. */
export function listBatches(
  tx: Tx,
  { account, region }: Scope,
  { status, descending, limit, after }: BatchPage & { after?: readonly string[] },
): Promise<{ id: string; key: string }[]> {
  const [key, id] = after ?? []
  const beyond = descending ? sql`<` : sql`>`
  const order = descending ? sql`desc` : sql`asc`
  const having = status ? sql`and status = ${status}` : sql``
  const where = after ? sql`and (started_at, id) ${beyond} (${key}::timestamptz, ${id}::text)` : sql``
  return tx.rows`
    select id, started_at::text as key from codebuild.batches
    where account = ${account} and region = ${region} ${having} ${where}
    order by started_at ${order}, id ${order} limit ${limit + 1}`
}

export function listBatchesOf(
  tx: Tx,
  { account, region }: Scope,
  project: string,
  { status, descending, limit, after }: BatchPage & { after?: number },
): Promise<{ id: string; key: number }[]> {
  const beyond = descending ? sql`<` : sql`>`
  const order = descending ? sql`desc` : sql`asc`
  const having = status ? sql`and status = ${status}` : sql``
  const where = after === undefined ? sql`` : sql`and number ${beyond} ${after}`
  return tx.rows`
    select id, number as key from codebuild.batches
    where account = ${account} and region = ${region} and project = ${project} ${having} ${where}
    order by number ${order} limit ${limit + 1}`
}
