// From a structure that was handed in to one that is kept: checked, completed, its sources known to change detection.

import type { Call } from '../../operation/call.ts'
import { checkPipeline } from '../../specs/pipeline/checkPipeline.ts'
import type { PipelineDeclaration } from '../../specs/pipeline/declaration.ts'
import { fail } from './errors.ts'
import { replaceSources, type SourceRow } from './pipelines.ts'
import { findProvider, supportedActions } from './providers/index.ts'

/** What AWS has in a structure and Codeyard does not carry out: refused by name, never ignored. */
const UNSUPPORTED_STAGE_MEMBERS = ['onFailure', 'onSuccess', 'beforeEntry'] as const

/** Throws the exception of the first problem. */
export function requireValid(declaration: PipelineDeclaration): void {
  const [problem] = checkPipeline(declaration)
  if (problem) fail(problem.code, problem.message)
  for (const stage of declaration.stages) {
    for (const member of UNSUPPORTED_STAGE_MEMBERS) {
      if (member in stage)
        fail('InvalidStageDeclarationException', `Codeyard does not support ${member} (stage ${stage.name}) yet`)
    }
    if (stage.blockers && stage.blockers.length > 0)
      fail('InvalidBlockerDeclarationException', `Blockers are reserved (stage ${stage.name})`)
    for (const action of stage.actions) {
      if (findProvider(action.actionTypeId)) continue
      const { category, owner, provider } = action.actionTypeId
      fail(
        'InvalidActionDeclarationException',
        `Codeyard does not carry out actions of type ${category} ${provider} (${owner}) yet (action ${action.name}). It carries out: ${supportedActions}`,
      )
    }
  }
  if (declaration.triggers && declaration.triggers.length > 0) {
    fail('InvalidStructureException', 'Codeyard does not support triggers of connections yet: leave triggers out')
  }
}

/** Keeps in step what change detection follows. AWS: PollForSourceChanges is true unless it says false. */
export async function follow(call: Call, pipelineId: string, { stages }: PipelineDeclaration): Promise<void> {
  const sources: Omit<SourceRow, 'pipeline_id'>[] = []
  for (const { name, actionTypeId, configuration = {} } of stages[0]!.actions) {
    const detects = configuration.PollForSourceChanges !== 'false'
    const { provider } = actionTypeId
    if (provider === 'CodeCommit') {
      sources.push({
        action: name,
        provider,
        place: configuration.RepositoryName!,
        name: configuration.BranchName!,
        detects,
      })
    } else if (provider === 'S3') {
      sources.push({
        action: name,
        provider,
        place: configuration.S3Bucket!,
        name: configuration.S3ObjectKey!,
        detects,
      })
    }
  }
  await replaceSources(call.tx, call.scope, pipelineId, sources)
}

/** What callers see of a structure: with its defaults written out, as GetPipeline shows it. */
export function completed(declaration: PipelineDeclaration, version: number): PipelineDeclaration {
  return {
    ...declaration,
    version,
    executionMode: declaration.executionMode ?? 'SUPERSEDED',
    pipelineType: declaration.pipelineType ?? 'V1',
    stages: declaration.stages.map(stage => ({
      ...stage,
      actions: stage.actions.map(action => ({
        ...action,
        runOrder: action.runOrder ?? 1,
        configuration: action.configuration ?? {},
        inputArtifacts: action.inputArtifacts ?? [],
        outputArtifacts: action.outputArtifacts ?? [],
      })),
    })),
  }
}
