// GetPipelineExecution: one execution with the revisions it runs.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findExecution, runsOf } from '../../executions.ts'
import { needPipeline } from '../../pipelines.ts'
import { revisionsOf } from './show.ts'

export const getPipelineExecution: Handler<'codepipeline', 'GetPipelineExecution'> = async ({ tx, scope }, input) => {
  const { pipelineName, pipelineExecutionId } = input
  const pipeline = await needPipeline(tx, scope, pipelineName)
  const row = await findExecution(tx, pipeline.id, pipelineExecutionId)
  if (!row)
    return fail(
      'PipelineExecutionNotFoundException',
      `Execution ${pipelineExecutionId} of pipeline ${pipelineName} does not exist`,
    )
  return {
    pipelineExecution: {
      pipelineName,
      pipelineVersion: row.version,
      pipelineExecutionId: row.id,
      status: row.status,
      statusSummary: row.summary ?? undefined,
      artifactRevisions: revisionsOf(await runsOf(tx, [row.id])),
      variables: Object.entries(row.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
      trigger: row.trigger,
      executionMode: pipeline.declaration.executionMode as 'SUPERSEDED',
      executionType: 'STANDARD',
    },
  }
}
