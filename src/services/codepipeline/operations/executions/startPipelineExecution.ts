// StartPipelineExecution: runs all source actions again and everything after them.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { echoes } from '../../detection.ts'
import { fail } from '../../errors.ts'
import { needPipeline } from '../../pipelines.ts'
import { startExecution } from '../../start.ts'

export const startPipelineExecution: Handler<'codepipeline', 'StartPipelineExecution'> = async (call, input) => {
  const { name, clientRequestToken, variables = [], sourceRevisions = [] } = input
  const pipeline = await needPipeline(call.tx, call.scope, name)
  const declared = new Set((pipeline.declaration.variables ?? []).map(variable => variable.name))
  for (const variable of variables) {
    if (!declared.has(variable.name!))
      fail('ValidationException', `The variable ${variable.name} is not declared in the pipeline ${name}`)
  }
  const sources = new Set(pipeline.declaration.stages[0]!.actions.map(action => action.name))
  for (const { actionName } of sourceRevisions) {
    if (!sources.has(actionName!))
      fail('ValidationException', `The pipeline ${name} has no source action ${actionName}`)
  }
  const byRule = isEventBridge(call.principal)
  const echoed = byRule ? await echoes(call, pipeline.id, 'PollForSourceChanges') : undefined
  if (echoed) return { pipelineExecutionId: echoed }
  const pipelineExecutionId = await startExecution(call, {
    pipelineId: pipeline.id,
    trigger: {
      triggerType: byRule ? 'CloudWatchEvent' : 'StartPipelineExecution',
      triggerDetail: principalArn(call.principal),
    },
    variables: Object.fromEntries(variables.map(variable => [variable.name!, variable.value!])),
    sourceOverrides: sourceRevisions.map(({ actionName, revisionType, revisionValue }) => ({
      actionName: actionName!,
      revisionType: revisionType!,
      revisionValue: revisionValue!,
    })),
    ...(clientRequestToken ? { clientToken: clientRequestToken } : {}),
  })
  return { pipelineExecutionId }
}

function isEventBridge(principal: Parameters<typeof principalArn>[0]): boolean {
  return principal.type === 'assumedRole' && principal.session.issuedTo === 'events.amazonaws.com'
}
