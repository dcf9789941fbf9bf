// The SQL of pipelines and their structures.

import type { Scope } from '../../core/scope.ts'
import type { PipelineDeclaration } from '../../specs/pipeline/declaration.ts'
import type { Tx } from '../../store/tx.ts'
import { fail } from './errors.ts'

export interface PipelineRow {
  readonly id: string
  readonly account: string
  readonly region: string
  readonly name: string
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
  readonly tags: readonly { readonly key: string; readonly value: string }[]
  readonly declaration: PipelineDeclaration
}

/** The pipeline in its current version, or PipelineNotFoundException. */
export async function needPipeline(tx: Tx, scope: Scope, name: string): Promise<PipelineRow> {
  const row = await findPipeline(tx, scope, name)
  // AWS: The account with id '111122223333' does not include a pipeline with the name 'x' (observed text).
  return (
    row ??
    fail(
      'PipelineNotFoundException',
      `The account with id '${scope.account}' does not include a pipeline with the name '${name}'`,
    )
  )
}

export async function findPipeline(tx: Tx, { account, region }: Scope, name: string): Promise<PipelineRow | undefined> {
  return tx.one<PipelineRow>`
    select p.*, s.declaration from codepipeline.pipeline p
    join codepipeline.structure s on s.pipeline_id = p.id and s.version = p.version
    where p.account = ${account} and p.region = ${region} and p.name = ${name}`
}

/** Locks the pipeline's row: whoever moves its executions holds it. Undefined when it was deleted. */
export async function lockPipeline(tx: Tx, id: string): Promise<PipelineRow | undefined> {
  const locked = await tx.one`select id from codepipeline.pipeline where id = ${id} for update`
  if (!locked) return undefined
  return tx.one<PipelineRow>`
    select p.*, s.declaration from codepipeline.pipeline p
    join codepipeline.structure s on s.pipeline_id = p.id and s.version = p.version
    where p.id = ${id}`
}

export async function insertPipeline(tx: Tx, row: Omit<PipelineRow, 'updated_at'>): Promise<void> {
  await tx.run`
    insert into codepipeline.pipeline (id, account, region, name, version, created_at, updated_at, tags)
    values (${row.id}, ${row.account}, ${row.region}, ${row.name}, ${row.version}, ${row.created_at}, ${row.created_at}, ${JSON.stringify(row.tags)})`
  await insertStructure(tx, row.id, row.version, row.declaration, row.created_at)
}

/** Makes `version` the current one. */
export async function updatePipelineRow(
  tx: Tx,
  id: string,
  version: number,
  declaration: PipelineDeclaration,
  now: Date,
): Promise<void> {
  await insertStructure(tx, id, version, declaration, now)
  await tx.run`update codepipeline.pipeline set version = ${version}, updated_at = ${now} where id = ${id}`
}

async function insertStructure(
  tx: Tx,
  id: string,
  version: number,
  declaration: PipelineDeclaration,
  now: Date,
): Promise<void> {
  await tx.run`
    insert into codepipeline.structure (pipeline_id, version, declaration, created_at)
    values (${id}, ${version}, ${JSON.stringify(declaration)}, ${now})`
}

/** A version's structure, or undefined. */
export async function findStructure(
  tx: Tx,
  id: string,
  version: number,
): Promise<{ declaration: PipelineDeclaration; created_at: Date } | undefined> {
  return tx.one`select declaration, created_at from codepipeline.structure where pipeline_id = ${id} and version = ${version}`
}

export async function deletePipelineRow(tx: Tx, id: string): Promise<void> {
  await tx.run`delete from codepipeline.pipeline where id = ${id}`
}

/** By name, `limit` rows after `after`. */
export async function listPipelineRows(
  tx: Tx,
  { account, region }: Scope,
  after: string,
  limit: number,
): Promise<PipelineRow[]> {
  return tx.rows<PipelineRow>`
    select p.*, s.declaration from codepipeline.pipeline p
    join codepipeline.structure s on s.pipeline_id = p.id and s.version = p.version
    where p.account = ${account} and p.region = ${region} and p.name > ${after}
    order by p.name limit ${limit}`
}

export interface SourceRow {
  readonly pipeline_id: string
  readonly action: string
  readonly provider: string
  readonly place: string
  readonly name: string
  readonly detects: boolean
}

/** Writes anew what change detection follows. */
export async function replaceSources(
  tx: Tx,
  { account, region }: Scope,
  id: string,
  sources: readonly Omit<SourceRow, 'pipeline_id'>[],
): Promise<void> {
  await tx.run`delete from codepipeline.source where pipeline_id = ${id}`
  for (const { action, provider, place, name, detects } of sources) {
    await tx.run`
      insert into codepipeline.source (pipeline_id, action, provider, account, region, place, name, detects)
      values (${id}, ${action}, ${provider}, ${account}, ${region}, ${place}, ${name}, ${detects})`
  }
}

/** Pipelines that are to start when this branch or object changes. */
export async function detectingSources(
  tx: Tx,
  { account, region }: Scope,
  provider: string,
  place: string,
  name: string,
): Promise<SourceRow[]> {
  return tx.rows<SourceRow>`
    select * from codepipeline.source
    where provider = ${provider} and account = ${account} and region = ${region} and place = ${place} and name = ${name} and detects
    order by pipeline_id, action`
}
