// Moves a pipeline by one event: locks its row, loads the state, asks the machine, saves what changed, announces it, enqueues
// what is to be done. Everything in the caller's transaction.

import type { Call } from '../../operation/call.ts'
import type { PipelineDeclaration } from '../../specs/pipeline/declaration.ts'
import type { Tx } from '../../store/tx.ts'
import { announce } from './announce.ts'
import type { ActionRunRow, ExecutionRow } from './executions.ts'
import { decide } from './machine/decide.ts'
import type {
  Decision,
  Execution,
  ExecutionMode,
  PipelineEvent,
  PipelineState,
  StageState,
  Structure,
} from './machine/state.ts'
import { lockPipeline } from './pipelines.ts'

/** Applies `event`; the refusal when it was not possible, undefined when it was (or the pipeline is gone). */
export async function advance(call: Call, pipelineId: string, event: PipelineEvent): Promise<Decision['refused']> {
  const { tx, now } = call
  const pipeline = await lockPipeline(tx, pipelineId)
  if (!pipeline) return undefined
  const before = await loadState(tx, pipelineId, toStructure(pipeline.declaration, pipeline.version))
  const decision = decide(before, event, now, () => call.ids.uuid())
  if (decision.refused) return decision.refused
  await saveState(tx, pipelineId, before, decision.state, now)
  for (const effect of decision.effects) {
    if (effect.type === 'startAction') await call.addJob('startAction', { runId: effect.action.id })
  }
  await announce(call, pipeline, decision)
  return undefined
}

export function toStructure(declaration: PipelineDeclaration, version: number): Structure {
  return {
    version,
    mode: (declaration.executionMode ?? 'SUPERSEDED') as ExecutionMode,
    stages: declaration.stages.map(({ name, actions }) => ({
      name,
      actions: actions.map(action => ({ name: action.name, runOrder: action.runOrder ?? 1 })),
    })),
  }
}

interface StageRow {
  readonly name: string
  readonly enabled: boolean
  readonly disabled_at: Date | null
  readonly last_entered: string | null
}

async function loadState(tx: Tx, pipelineId: string, structure: Structure): Promise<PipelineState> {
  const stageRows = await tx.rows<StageRow>`
    select name, enabled, disabled_at, last_entered from codepipeline.stage where pipeline_id = ${pipelineId}`
  const stages = new Map(stageRows.map(row => [row.name, toStage(row)]))
  // Living ones, and those that ended where they entered last: they may be retried.
  const executions = await tx.rows<ExecutionRow>`
    select * from codepipeline.execution e where pipeline_id = ${pipelineId} and (status in ('InProgress', 'Stopping')
      or id in (select last_entered from codepipeline.stage where pipeline_id = ${pipelineId}))
    order by number`
  const runs = await tx.rows<ActionRunRow>`
    select a.id, a.execution_id, a.stage, a.name, a.run_order, a.status, a.replaced
    from codepipeline.action_run a join codepipeline.execution e on e.id = a.execution_id and e.stage = a.stage
    where a.execution_id = any(${executions.map(({ id }) => id)}::uuid[]) and not a.replaced order by a.number`
  return {
    structure,
    stages: structure.stages.map(({ name }) => stages.get(name) ?? { name, enabled: true }),
    executions: executions.map(row =>
      toExecution(
        row,
        runs.filter(run => run.execution_id === row.id),
      ),
    ),
  }
}

const toStage = ({ name, enabled, disabled_at, last_entered }: StageRow): StageState => ({
  name,
  enabled,
  ...(disabled_at ? { disabledAt: disabled_at.toISOString() } : {}),
  ...(last_entered ? { lastEntered: last_entered } : {}),
})

function toExecution(row: ExecutionRow, runs: readonly ActionRunRow[]): Execution {
  return {
    id: row.id,
    number: row.number,
    status: row.status,
    ...(row.summary ? { summary: row.summary } : {}),
    version: row.version,
    place: {
      stage: row.stage,
      entered: row.entered,
      ...(row.stage_status ? { status: row.stage_status } : {}),
      since: row.stage_since.toISOString(),
    },
    actions: runs.map(({ id, stage, name, run_order, status }) => ({ id, stage, name, runOrder: run_order, status })),
    ...(row.superseded_by ? { supersededBy: row.superseded_by } : {}),
  }
}

/** Writes the difference: the machine replaces what it changes, so an object that is the same was not changed. */
async function saveState(
  tx: Tx,
  pipelineId: string,
  before: PipelineState,
  after: PipelineState,
  now: Date,
): Promise<void> {
  const stagesBefore = new Map(before.stages.map(stage => [stage.name, stage]))
  for (const stage of after.stages) {
    if (stagesBefore.get(stage.name) === stage) continue
    await tx.run`
      insert into codepipeline.stage (pipeline_id, name, enabled, disabled_at, last_entered)
      values (${pipelineId}, ${stage.name}, ${stage.enabled}, ${stage.disabledAt ?? null}, ${stage.lastEntered ?? null})
      on conflict (pipeline_id, name) do update
      set enabled = excluded.enabled, disabled_at = excluded.disabled_at, last_entered = excluded.last_entered`
  }
  const executionsBefore = new Map(before.executions.map(execution => [execution.id, execution]))
  for (const execution of after.executions) {
    const old = executionsBefore.get(execution.id)
    if (old === execution) continue
    const { place } = execution
    await tx.run`
      update codepipeline.execution set status = ${execution.status}, summary = ${execution.summary ?? null}, version = ${execution.version},
        stage = ${place.stage}, entered = ${place.entered}, stage_status = ${place.status ?? null}, stage_since = ${place.since},
        superseded_by = ${execution.supersededBy ?? null}, updated_at = ${now}
      where id = ${execution.id}`
    await saveRuns(tx, pipelineId, old, execution, now)
  }
}

async function saveRuns(
  tx: Tx,
  pipelineId: string,
  before: Execution | undefined,
  after: Execution,
  now: Date,
): Promise<void> {
  const runsBefore = new Map(before?.actions.map(run => [run.id, run]))
  for (const run of after.actions) {
    const old = runsBefore.get(run.id)
    if (old === run) continue
    if (old) {
      await tx.run`
        update codepipeline.action_run set status = ${run.status}, replaced = ${run.replaced ?? false}, updated_at = ${now} where id = ${run.id}`
    } else {
      await tx.run`
        insert into codepipeline.action_run (id, pipeline_id, execution_id, version, stage, name, run_order, status, started_at, updated_at)
        values (${run.id}, ${pipelineId}, ${after.id}, ${after.version}, ${run.stage}, ${run.name}, ${run.runOrder}, ${run.status}, ${now}, ${now})`
    }
  }
}
