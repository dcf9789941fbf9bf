// RetryStageExecution: runs the failed actions of a stage again (or all of them), in the same execution.

import { assertNever } from '../../../../core/assertNever.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { advance } from '../../advance.ts'
import { fail } from '../../errors.ts'
import { needPipeline } from '../../pipelines.ts'

export const retryStageExecution: Handler<'codepipeline', 'RetryStageExecution'> = async (call, input) => {
  const { pipelineName, pipelineExecutionId, stageName, retryMode } = input
  const pipeline = await needPipeline(call.tx, call.scope, pipelineName)
  const event = { type: 'retryRequested', executionId: pipelineExecutionId, stage: stageName, mode: retryMode } as const
  const refused = await advance(call, pipeline.id, event)
  switch (refused) {
    case undefined:
      return { pipelineExecutionId }
    case 'stage not found':
      return fail('StageNotFoundException', `Stage ${stageName} is not in pipeline ${pipelineName}`)
    case 'not the latest in stage':
      return fail(
        'NotLatestPipelineExecutionException',
        `The pipeline execution ${pipelineExecutionId} is not the latest that entered stage ${stageName}: a newer one has entered it since`,
      )
    case 'execution not found':
      return fail(
        'NotLatestPipelineExecutionException',
        `The pipeline execution ${pipelineExecutionId} is not the latest execution in stage ${stageName} of pipeline ${pipelineName}`,
      )
    case 'structure changed':
      return fail(
        'StageNotRetryableException',
        `The structure of pipeline ${pipelineName} was changed since the execution failed: release the change again`,
      )
    case 'retry in progress':
      return fail(
        'StageNotRetryableException',
        `Stage ${stageName} has no failed action, or a retry of it is in progress`,
      )
    case 'stage not retryable':
    case 'execution not stoppable':
    case 'already stopping':
      return fail(
        'StageNotRetryableException',
        `Stage ${stageName} can not be retried: it has no failed actions in execution ${pipelineExecutionId}`,
      )
    default:
      return assertNever(refused)
  }
}
