// The SQL of executions and action runs.

import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import type { ExecutionStatus, StageStatus } from './machine/state.ts'

export interface ExecutionRow {
  readonly id: string
  readonly pipeline_id: string
  readonly number: number
  readonly status: ExecutionStatus
  readonly summary: string | null
  readonly version: number
  readonly stage: string
  readonly entered: boolean
  readonly stage_status: StageStatus | null
  readonly stage_since: Date
  readonly superseded_by: string | null
  readonly trigger: Trigger
  readonly stop_reason: string | null
  readonly variables: Readonly<Record<string, string>>
  readonly source_overrides: readonly SourceOverride[]
  readonly client_token: string | null
  readonly started_at: Date
  readonly updated_at: Date
}

export interface Trigger {
  readonly triggerType: 'CreatePipeline' | 'StartPipelineExecution' | 'PollForSourceChanges' | 'CloudWatchEvent'
  readonly triggerDetail: string
}

export interface SourceOverride {
  readonly actionName: string
  readonly revisionType: string
  readonly revisionValue: string
}

export interface Artifact {
  readonly name: string
  readonly bucket: string
  readonly key: string
}

export interface Revision {
  readonly artifact: string
  readonly revisionId: string
  readonly summary?: string
  readonly url?: string
}

export interface ActionRunRow {
  readonly id: string
  readonly number: number
  readonly pipeline_id: string
  readonly execution_id: string
  readonly version: number
  readonly stage: string
  readonly name: string
  readonly run_order: number
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned'
  readonly replaced: boolean
  readonly started_at: Date
  readonly updated_at: Date
  readonly updated_by: string | null
  readonly summary: string | null
  readonly external_id: string | null
  readonly external_url: string | null
  readonly error_code: string | null
  readonly error_message: string | null
  readonly token: string | null
  readonly resolved_configuration: Readonly<Record<string, string>> | null
  readonly input_artifacts: readonly Artifact[]
  readonly output_artifacts: readonly Artifact[]
  readonly output_variables: Readonly<Record<string, string>>
  readonly revision: Revision | null
}

export async function findExecution(tx: Tx, pipelineId: string, id: string): Promise<ExecutionRow | undefined> {
  if (!UUID.test(id)) return undefined
  return tx.one<ExecutionRow>`select * from codepipeline.execution where pipeline_id = ${pipelineId} and id = ${id}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export async function findByToken(tx: Tx, pipelineId: string, token: string): Promise<ExecutionRow | undefined> {
  return tx.one<ExecutionRow>`select * from codepipeline.execution where pipeline_id = ${pipelineId} and client_token = ${token}`
}

/** Newest first, `limit` rows below number `before`. */
export async function listExecutionRows(
  tx: Tx,
  pipelineId: string,
  before: number | undefined,
  limit: number,
): Promise<ExecutionRow[]> {
  const after = before === undefined ? sql`` : sql`and number < ${before}`
  return tx.rows<ExecutionRow>`
    select * from codepipeline.execution where pipeline_id = ${pipelineId} ${after} order by number desc limit ${limit}`
}

export async function nextNumber(tx: Tx): Promise<number> {
  return (await tx.one<{ number: number }>`select nextval('codepipeline.execution_number') as number`)!.number
}

export interface NewExecution {
  readonly id: string
  readonly pipelineId: string
  readonly number: number
  readonly version: number
  readonly stage: string
  readonly trigger: Trigger
  readonly variables: Readonly<Record<string, string>>
  readonly sourceOverrides: readonly SourceOverride[]
  readonly clientToken?: string
  readonly now: Date
}

export async function insertExecution(tx: Tx, row: NewExecution): Promise<void> {
  await tx.run`
    insert into codepipeline.execution
      (id, pipeline_id, number, status, version, stage, entered, stage_since, trigger, variables, source_overrides, client_token, started_at, updated_at)
    values (${row.id}, ${row.pipelineId}, ${row.number}, 'InProgress', ${row.version}, ${row.stage}, false, ${row.now}, ${JSON.stringify(row.trigger)},
      ${JSON.stringify(row.variables)}, ${JSON.stringify(row.sourceOverrides)}, ${row.clientToken ?? null}, ${row.now}, ${row.now})`
}

export async function findRun(tx: Tx, id: string): Promise<ActionRunRow | undefined> {
  return tx.one<ActionRunRow>`select * from codepipeline.action_run where id = ${id}`
}

/** The runs that wait for this build or deployment, with the account and region of their pipelines: an action's role may be of another. */
export async function runsByExternalId(tx: Tx, externalId: string): Promise<({ readonly id: string } & Scope)[]> {
  return tx.rows<{ id: string } & Scope>`
    select run.id, account, region from codepipeline.action_run run join codepipeline.pipeline on pipeline.id = pipeline_id
    where external_id = ${externalId} and status = 'InProgress'`
}

/** All runs of these executions, oldest first. */
export async function runsOf(tx: Tx, executionIds: readonly string[]): Promise<ActionRunRow[]> {
  return tx.rows<ActionRunRow>`select * from codepipeline.action_run where execution_id = any(${executionIds}::uuid[]) order by number`
}

/** The newest run of each action of the pipeline. */
export async function latestRuns(tx: Tx, pipelineId: string): Promise<ActionRunRow[]> {
  return tx.rows<ActionRunRow>`
    select distinct on (stage, name) * from codepipeline.action_run where pipeline_id = ${pipelineId} order by stage, name, number desc`
}

/** Newest first. */
export async function listRunRows(
  tx: Tx,
  pipelineId: string,
  executionId: string | undefined,
  before: number | undefined,
  limit: number,
): Promise<ActionRunRow[]> {
  const within = executionId === undefined ? sql`` : sql`and execution_id = ${executionId}`
  const after = before === undefined ? sql`` : sql`and number < ${before}`
  return tx.rows<ActionRunRow>`
    select * from codepipeline.action_run where pipeline_id = ${pipelineId} ${within} ${after} order by number desc limit ${limit}`
}

export interface RunProgress {
  readonly externalId?: string
  readonly externalUrl?: string
  readonly summary?: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly token?: string
  readonly updatedBy?: string
  readonly outputArtifacts?: readonly Artifact[]
  readonly outputVariables?: Readonly<Record<string, string>>
  readonly revision?: Revision
}

/** Writes what is known of a run; what is absent stays. */
export async function saveProgress(tx: Tx, id: string, progress: RunProgress, now: Date): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  await tx.run`
    update codepipeline.action_run set
      external_id = coalesce(${progress.externalId ?? null}, external_id),
      external_url = coalesce(${progress.externalUrl ?? null}, external_url),
      summary = coalesce(${progress.summary ?? null}, summary),
      error_code = coalesce(${progress.errorCode ?? null}, error_code),
      error_message = coalesce(${progress.errorMessage ?? null}, error_message),
      token = coalesce(${progress.token ?? null}, token),
      updated_by = coalesce(${progress.updatedBy ?? null}, updated_by),
      output_artifacts = coalesce(${json(progress.outputArtifacts)}::jsonb, output_artifacts),
      output_variables = coalesce(${json(progress.outputVariables)}::jsonb, output_variables),
      revision = coalesce(${json(progress.revision)}::jsonb, revision),
      updated_at = ${now}
    where id = ${id}`
}

/** What the run was started with. */
export async function saveInputs(
  tx: Tx,
  id: string,
  configuration: Readonly<Record<string, string>>,
  artifacts: readonly Artifact[],
): Promise<void> {
  await tx.run`
    update codepipeline.action_run
    set resolved_configuration = ${JSON.stringify(configuration)}, input_artifacts = ${JSON.stringify(artifacts)}
    where id = ${id}`
}
