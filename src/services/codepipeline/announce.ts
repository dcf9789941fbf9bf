// Tells EventBridge of every change of state, with AWS's detail types and members
// (source: detect-state-changes-cloudwatch-events.md of the CodePipeline user guide).

import { formatArn } from '../../core/arn.ts'
import type { Call } from '../../operation/call.ts'
import type { PipelineDeclaration } from '../../specs/pipeline/declaration.ts'
import type { Decision, Effect, ExecutionStatus } from './machine/state.ts'

interface Announced {
  readonly name: string
  readonly version: number
  readonly declaration: PipelineDeclaration
}

export async function announce(call: Call, pipeline: Announced, { state, effects }: Decision): Promise<void> {
  const versions = new Map(state.executions.map(({ id, version }) => [id, version]))
  for (const effect of effects) {
    if (effect.type === 'startAction') continue
    const version = versions.get(effect.executionId) ?? pipeline.version
    await call.emit({
      source: 'aws.codepipeline',
      detailType: DETAIL_TYPES[effect.type],
      resources: [formatArn('codepipeline', call.scope, pipeline.name)],
      detail: {
        pipeline: pipeline.name,
        'execution-id': effect.executionId,
        version,
        ...changed(effect, pipeline, call),
      },
    })
  }
}

const DETAIL_TYPES = {
  executionChanged: 'CodePipeline Pipeline Execution State Change',
  stageChanged: 'CodePipeline Stage Execution State Change',
  actionChanged: 'CodePipeline Action Execution State Change',
} as const

function changed(
  effect: Exclude<Effect, { type: 'startAction' }>,
  { declaration }: Announced,
  call: Call,
): Record<string, unknown> {
  switch (effect.type) {
    case 'executionChanged':
      return { state: stateName(effect.status, effect.resumed) }
    case 'stageChanged':
      return { stage: effect.stage, state: stateName(effect.status, effect.resumed) }
    case 'actionChanged': {
      const { stage, name, status, id } = effect.action
      const action = declaration.stages.find(one => one.name === stage)?.actions.find(one => one.name === name)
      const { owner, category, provider, version } = action?.actionTypeId ?? {}
      return {
        stage,
        action: name,
        'action-execution-id': id,
        state: stateName(status),
        region: action?.region ?? call.scope.region,
        type: { owner, category, provider, version },
      }
    }
  }
}

/** STARTED, SUCCEEDED, RESUMED, FAILED, STOPPING, STOPPED, SUPERSEDED, ABANDONED. */
function stateName(status: ExecutionStatus | 'Abandoned', resumed?: boolean): string {
  if (resumed) return 'RESUMED'
  return status === 'InProgress' ? 'STARTED' : status.toUpperCase()
}
