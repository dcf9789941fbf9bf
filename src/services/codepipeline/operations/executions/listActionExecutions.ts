// ListActionExecutions: every run of every action, newest first, with what went in and what came out.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import type { PipelineDeclaration } from '../../../../specs/pipeline/declaration.ts'
import type { Tx } from '../../../../store/tx.ts'
import { fail } from '../../errors.ts'
import { type ActionRunRow, type Artifact, findExecution, listRunRows } from '../../executions.ts'
import { findStructure, needPipeline } from '../../pipelines.ts'

const STANDARD_PAGE = 100

export const listActionExecutions: Handler<'codepipeline', 'ListActionExecutions'> = async ({ tx, scope }, input) => {
  const { pipelineName, filter, nextToken, maxResults = STANDARD_PAGE } = input
  const pipeline = await needPipeline(tx, scope, pipelineName)
  const key = nextToken === undefined ? undefined : readPageToken(nextToken)
  if (nextToken !== undefined && !key) fail('InvalidNextTokenException', 'The next token is not valid')
  const executionId = filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId
  if (executionId !== undefined && !(await findExecution(tx, pipeline.id, executionId))) {
    fail('PipelineExecutionNotFoundException', `Execution ${executionId} of pipeline ${pipelineName} does not exist`)
  }
  const rows = await listRunRows(tx, pipeline.id, executionId, key ? Number(key[0]) : undefined, maxResults + 1)
  const { items, nextToken: next } = page(rows, maxResults, ({ number }) => [number])
  const structures = await structuresOf(tx, pipeline.id, items)
  return { actionExecutionDetails: items.map(row => showRun(row, structures.get(row.version))), nextToken: next }
}

async function structuresOf(tx: Tx, pipelineId: string, rows: readonly ActionRunRow[]) {
  const structures = new Map<number, PipelineDeclaration>()
  for (const version of new Set(rows.map(row => row.version))) {
    const structure = await findStructure(tx, pipelineId, version)
    if (structure) structures.set(version, structure.declaration)
  }
  return structures
}

function showRun(row: ActionRunRow, structure: PipelineDeclaration | undefined) {
  const action = structure?.stages.find(({ name }) => name === row.stage)?.actions.find(({ name }) => name === row.name)
  const artifacts = (list: readonly Artifact[]) =>
    list.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }))
  return {
    pipelineExecutionId: row.execution_id,
    actionExecutionId: row.id,
    pipelineVersion: row.version,
    stageName: row.stage,
    actionName: row.name,
    startTime: row.started_at,
    lastUpdateTime: row.updated_at,
    updatedBy: row.updated_by ?? undefined,
    status: row.status,
    input: {
      actionTypeId: action?.actionTypeId as never,
      configuration: action?.configuration,
      resolvedConfiguration: row.resolved_configuration ?? undefined,
      roleArn: action?.roleArn,
      region: action?.region,
      inputArtifacts: artifacts(row.input_artifacts),
      namespace: action?.namespace,
    },
    output: {
      outputArtifacts: artifacts(row.output_artifacts),
      executionResult: {
        externalExecutionId: row.external_id ?? undefined,
        externalExecutionSummary: row.summary ?? undefined,
        externalExecutionUrl: row.external_url ?? undefined,
        ...(row.error_code ? { errorDetails: { code: row.error_code, message: row.error_message ?? undefined } } : {}),
      },
      outputVariables: row.output_variables,
    },
  }
}
