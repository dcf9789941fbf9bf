// StopPipelineExecution: stop and wait for what runs, or abandon it (the provider's work goes on).

import type { Handler } from '../../../../operation/handler.ts'
import { advance } from '../../advance.ts'
import { fail } from '../../errors.ts'
import { needPipeline } from '../../pipelines.ts'

export const stopPipelineExecution: Handler<'codepipeline', 'StopPipelineExecution'> = async (call, input) => {
  const { pipelineName, pipelineExecutionId, abandon = false, reason } = input
  const pipeline = await needPipeline(call.tx, call.scope, pipelineName)
  const refused = await advance(call, pipeline.id, {
    type: 'stopRequested',
    executionId: pipelineExecutionId,
    abandon,
    ...(reason === undefined ? {} : { reason }),
  })
  if (refused === 'already stopping') {
    fail(
      'DuplicatedStopRequestException',
      `A request to stop the pipeline execution ${pipelineExecutionId} was already made`,
    )
  }
  if (refused) {
    fail(
      'PipelineExecutionNotStoppableException',
      `The pipeline execution ${pipelineExecutionId} is not in progress, or is not one of pipeline ${pipelineName}`,
    )
  }
  await call.tx.run`update codepipeline.execution set stop_reason = ${reason ?? null} where id = ${pipelineExecutionId}`
  return { pipelineExecutionId }
}
