// GetPipelineState: each stage with its transition, who waits before it, who was in it last, and its actions' latest runs.

import type { Handler } from '../../../../operation/handler.ts'
import type { StageDeclaration } from '../../../../specs/pipeline/declaration.ts'
import { type ActionRunRow, type ExecutionRow, latestRuns } from '../../executions.ts'
import { needPipeline } from '../../pipelines.ts'

interface StageRow {
  readonly name: string
  readonly enabled: boolean
  readonly disabled_reason: string | null
  readonly changed_at: Date | null
  readonly changed_by: string | null
  readonly last_entered: string | null
}

export const getPipelineState: Handler<'codepipeline', 'GetPipelineState'> = async ({ tx, scope }, { name }) => {
  const pipeline = await needPipeline(tx, scope, name)
  const stages = await tx.rows<StageRow>`select * from codepipeline.stage where pipeline_id = ${pipeline.id}`
  const executions = await tx.rows<ExecutionRow>`
    select * from codepipeline.execution where pipeline_id = ${pipeline.id} and (status in ('InProgress', 'Stopping')
      or id in (select last_entered from codepipeline.stage where pipeline_id = ${pipeline.id})) order by number`
  const runs = await latestRuns(tx, pipeline.id)
  return {
    pipelineName: name,
    pipelineVersion: pipeline.version,
    created: pipeline.created_at,
    updated: pipeline.updated_at,
    stageStates: pipeline.declaration.stages.map(stage =>
      showStage(
        stage,
        stages.find(row => row.name === stage.name),
        executions,
        runs.filter(run => run.stage === stage.name),
      ),
    ),
  }
}

function showStage(
  stage: StageDeclaration,
  row: StageRow | undefined,
  executions: readonly ExecutionRow[],
  runs: readonly ActionRunRow[],
) {
  const inbound = executions.filter(one => !one.entered && one.stage === stage.name && one.status === 'InProgress')
  const last = executions.find(({ id }) => id === row?.last_entered)
  const inbounds = inbound.map(({ id }) => ({
    pipelineExecutionId: id,
    status: 'InProgress' as const,
    type: 'STANDARD' as const,
  }))
  return {
    stageName: stage.name,
    ...(inbounds.length > 0 ? { inboundExecution: inbounds.at(-1), inboundExecutions: inbounds } : {}),
    inboundTransitionState: {
      enabled: row?.enabled ?? true,
      ...(row?.changed_at ? { lastChangedAt: row.changed_at, lastChangedBy: row.changed_by ?? undefined } : {}),
      ...(row && !row.enabled ? { disabledReason: row.disabled_reason ?? undefined } : {}),
    },
    actionStates: stage.actions.map(action =>
      showAction(
        action.name,
        runs.find(run => run.name === action.name),
      ),
    ),
    ...(last
      ? {
          latestExecution: {
            pipelineExecutionId: last.id,
            // It has gone on from a stage where it no longer is.
            status:
              last.stage === stage.name && last.entered ? (last.stage_status ?? 'InProgress') : ('Succeeded' as const),
            type: 'STANDARD' as const,
          },
        }
      : {}),
  }
}

function showAction(actionName: string, run: ActionRunRow | undefined) {
  if (!run) return { actionName }
  return {
    actionName,
    ...(run.revision
      ? {
          currentRevision: {
            revisionId: run.revision.revisionId,
            revisionChangeId: run.revision.revisionId,
            created: run.started_at,
          },
        }
      : {}),
    latestExecution: {
      actionExecutionId: run.id,
      status: run.status,
      summary: run.summary ?? undefined,
      lastStatusChange: run.updated_at,
      lastUpdatedBy: run.updated_by ?? undefined,
      ...(run.token && run.status === 'InProgress' ? { token: run.token } : {}),
      externalExecutionId: run.external_id ?? undefined,
      externalExecutionUrl: run.external_url ?? undefined,
      ...(run.error_code ? { errorDetails: { code: run.error_code, message: run.error_message ?? undefined } } : {}),
    },
  }
}
