// StartPipelineExecution: runs all source actions again and everything after them.

import { formatArn } from '../../../../core/arn.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { type Principal, principalArn } from '../../../../operation/principal.ts'
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
  const rule = ruleOf(call.principal)
  const echoed = rule ? await echoes(call, pipeline.id, 'PollForSourceChanges') : undefined
  if (echoed) return { pipelineExecutionId: echoed }
  const pipelineExecutionId = await startExecution(call, {
    pipelineId: pipeline.id,
    trigger: {
      triggerType: rule ? 'CloudWatchEvent' : 'StartPipelineExecution',
      triggerDetail: rule ? formatArn('events', call.scope, `rule/${rule}`) : principalArn(call.principal),
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

/** The rule that calls: EventBridge names the session of the target's role after it. */
function ruleOf(principal: Principal): string | undefined {
  const byRule = principal.type === 'assumedRole' && principal.session.issuedTo === 'events.amazonaws.com'
  return byRule ? principal.sessionName : undefined
}
