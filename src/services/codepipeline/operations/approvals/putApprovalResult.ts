// PutApprovalResult: answers a manual approval with its current token.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { fail } from '../../errors.ts'
import { latestRuns, saveProgress } from '../../executions.ts'
import { lockPipeline, needPipeline } from '../../pipelines.ts'
import { report } from '../../tasks.ts'

export const putApprovalResult: Handler<'codepipeline', 'PutApprovalResult'> = async (call, input) => {
  const { pipelineName, stageName, actionName, result, token } = input
  const pipeline = await needPipeline(call.tx, call.scope, pipelineName)
  const stage = pipeline.declaration.stages.find(({ name }) => name === stageName)
  if (!stage) return fail('StageNotFoundException', `Stage ${stageName} is not in pipeline ${pipelineName}`)
  const action = stage.actions.find(({ name }) => name === actionName)
  if (action?.actionTypeId.category !== 'Approval') {
    return fail(
      'ActionNotFoundException',
      `Stage ${stageName} of pipeline ${pipelineName} has no approval action ${actionName}`,
    )
  }
  await lockPipeline(call.tx, pipeline.id)
  const run = (await latestRuns(call.tx, pipeline.id)).find(
    ({ stage: at, name }) => at === stageName && name === actionName,
  )
  if (run?.token !== token)
    return fail(
      'InvalidApprovalTokenException',
      `The approval token is not the one of the pending approval of action ${actionName}`,
    )
  if (run.status !== 'InProgress')
    return fail(
      'ApprovalAlreadyCompletedException',
      `The approval of action ${actionName} was already answered, or is over`,
    )
  const updatedBy = principalArn(call.principal)
  await saveProgress(call.tx, run.id, { updatedBy }, call.now)
  const { status, summary } = result
  const answer =
    status === 'Approved'
      ? ({ status: 'succeeded', summary: summary! } as const)
      : ({ status: 'failed', code: 'JobFailed', message: summary || `Rejected by ${updatedBy}` } as const)
  await report(call, pipeline.id, run.id, answer)
  return { approvedAt: call.now }
}
