// EnableStageTransition and DisableStageTransition: whether executions may enter a stage.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { advance } from '../../advance.ts'
import { fail } from '../../errors.ts'
import { needPipeline } from '../../pipelines.ts'

export const enableStageTransition: Handler<'codepipeline', 'EnableStageTransition'> = (call, input) =>
  change(call, { ...input, enabled: true })

export const disableStageTransition: Handler<'codepipeline', 'DisableStageTransition'> = (call, input) =>
  change(call, { ...input, enabled: false })

interface Change {
  readonly pipelineName: string
  readonly stageName: string
  readonly transitionType: string
  readonly enabled: boolean
  readonly reason?: string
}

async function change(
  call: Call,
  { pipelineName, stageName, transitionType, enabled, reason }: Change,
): Promise<Record<string, never>> {
  const pipeline = await needPipeline(call.tx, call.scope, pipelineName)
  if (transitionType === 'Outbound') {
    fail('ValidationException', 'Only Inbound transitions can be enabled and disabled: name the stage that follows')
  }
  const refused = await advance(call, pipeline.id, { type: 'transitionChanged', stage: stageName, enabled })
  if (refused) fail('StageNotFoundException', `Stage ${stageName} is not in pipeline ${pipelineName}`)
  await call.tx.run`
    insert into codepipeline.stage (pipeline_id, name, enabled, disabled_reason, changed_at, changed_by)
    values (${pipeline.id}, ${stageName}, ${enabled}, ${enabled ? null : (reason ?? null)}, ${call.now}, ${principalArn(call.principal)})
    on conflict (pipeline_id, name) do update
    set disabled_reason = excluded.disabled_reason, changed_at = excluded.changed_at, changed_by = excluded.changed_by`
  return {}
}
