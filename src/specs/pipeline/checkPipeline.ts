// Is a pipeline structure one that AWS accepts? Finds every problem, in the order in which AWS reports them.

import { type ActionType, findActionType } from './actionTypes.ts'
import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from './declaration.ts'

export interface PipelineProblem {
  /** AWS's exception. */
  readonly code:
    | 'InvalidStructureException'
    | 'InvalidStageDeclarationException'
    | 'InvalidActionDeclarationException'
    | 'InvalidBlockerDeclarationException'
  readonly message: string
  /** Where: `['stages', 0, 'actions', 1, 'configuration']`. */
  readonly path: readonly (string | number)[]
}

const ARTIFACT_NAME = /^[a-zA-Z0-9_-]{1,100}$/
const NAME = /^[A-Za-z0-9.@\-_]{1,100}$/
const NAMESPACE = /^[A-Za-z0-9@\-_]{1,100}$/

export function checkPipeline(pipeline: PipelineDeclaration): PipelineProblem[] {
  return [
    ...structureProblems(pipeline),
    ...pipeline.stages.flatMap(stageProblems),
    ...artifactProblems(pipeline),
    ...namespaceProblems(pipeline),
  ]
}

function structureProblems({ stages, artifactStore, artifactStores }: PipelineDeclaration): PipelineProblem[] {
  const problems: PipelineProblem[] = []
  const add = (message: string, path: (string | number)[] = ['stages']) =>
    problems.push({ code: 'InvalidStructureException', message, path })
  if (!artifactStore && !artifactStores) add('Pipeline must have either an artifactStore or artifactStores', [])
  if (artifactStore && artifactStores)
    add('Pipeline can not have both artifactStore and artifactStores', ['artifactStores'])
  if (stages.length < 2)
    add(`Pipeline has only ${stages.length} stage(s). There should be a minimum of 2 stages in a pipeline`)
  const sources = (stage: StageDeclaration) => stage.actions.filter(isSource)
  const [first, ...others] = stages
  if (first && (first.actions.length === 0 || sources(first).length < first.actions.length)) {
    add('Pipeline should start with a stage that only contains source actions', ['stages', 0])
  }
  others.forEach((stage, index) => {
    if (sources(stage).length > 0)
      add(`Pipeline stage ${stage.name} should not contain source actions: they belong into the first stage`, [
        'stages',
        index + 1,
      ])
  })
  const seen = new Set<string>()
  stages.forEach(({ name }, index) => {
    if (seen.has(name))
      add(`Stage names must be unique within the pipeline. ${name} has been used more than once`, [
        'stages',
        index,
        'name',
      ])
    seen.add(name)
  })
  return problems
}

function stageProblems(stage: StageDeclaration, index: number): PipelineProblem[] {
  const at = ['stages', index]
  const problems: PipelineProblem[] = []
  if (!NAME.test(stage.name)) {
    problems.push({
      code: 'InvalidStageDeclarationException',
      message: `Stage name ${stage.name} does not match ${NAME.source}`,
      path: [...at, 'name'],
    })
  }
  if (stage.actions.length === 0) {
    problems.push({
      code: 'InvalidStageDeclarationException',
      message: `Stage ${stage.name} has no actions: there should be at least one`,
      path: at,
    })
  }
  if (stage.actions.length > 50) {
    problems.push({
      code: 'InvalidStageDeclarationException',
      message: `Stage ${stage.name} has more than 50 actions`,
      path: [...at, 'actions'],
    })
  }
  const seen = new Set<string>()
  stage.actions.forEach((action, position) => {
    const path = [...at, 'actions', position]
    if (seen.has(action.name)) {
      problems.push({
        code: 'InvalidStageDeclarationException',
        message: `Action names must be unique within a stage. ${action.name} has been used more than once in ${stage.name}`,
        path: [...path, 'name'],
      })
    }
    seen.add(action.name)
    problems.push(...actionProblems(action, path))
  })
  return problems
}

function actionProblems(action: ActionDeclaration, path: (string | number)[]): PipelineProblem[] {
  const problems: PipelineProblem[] = []
  const add = (message: string, ...more: string[]) =>
    problems.push({ code: 'InvalidActionDeclarationException', message, path: [...path, ...more] })
  const { category, owner, provider, version } = action.actionTypeId
  if (!NAME.test(action.name)) add(`Action name ${action.name} does not match ${NAME.source}`, 'name')
  const runOrder = action.runOrder ?? 1
  if (!Number.isInteger(runOrder) || runOrder < 1 || runOrder > 999)
    add(`The runOrder of action ${action.name} must be from 1 to 999`, 'runOrder')
  if (action.namespace !== undefined && !NAMESPACE.test(action.namespace))
    add(`Namespace ${action.namespace} of action ${action.name} does not match ${NAMESPACE.source}`, 'namespace')
  const type = owner === 'Custom' ? undefined : findActionType(action.actionTypeId)
  if (owner !== 'Custom' && (!type || version !== '1')) {
    // AWS: the sentence names the region at its end; here there is only one place where it can be.
    add(
      `Action type (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') in action '${action.name}' is not available`,
      'actionTypeId',
    )
  }
  if (type) problems.push(...configurationProblems(action, type, path))
  return problems
}

function configurationProblems(
  action: ActionDeclaration,
  type: ActionType,
  path: (string | number)[],
): PipelineProblem[] {
  const problems: PipelineProblem[] = []
  const add = (message: string, ...more: string[]) =>
    problems.push({ code: 'InvalidActionDeclarationException', message, path: [...path, ...more] })
  const given = action.configuration ?? {}
  for (const key of type.required) {
    if (!given[key])
      add(
        `Action configuration for action '${action.name}' is missing required configuration '${key}'`,
        'configuration',
      )
  }
  const known = new Set([...type.required, ...type.optional])
  const open = type.provider === 'CloudFormationStackSet' || type.provider.startsWith('CodeDeployToECS')
  for (const key of Object.keys(given)) {
    if (!known.has(key) && !open)
      add(
        `Action configuration for action '${action.name}' contains unknown configuration '${key}'`,
        'configuration',
        key,
      )
  }
  const inputs = action.inputArtifacts?.length ?? 0
  const outputs = action.outputArtifacts?.length ?? 0
  countProblem(inputs, type.inputs, 'input', action.name, message => add(message, 'inputArtifacts'))
  countProblem(outputs, type.outputs, 'output', action.name, message => add(message, 'outputArtifacts'))
  if (type.provider === 'CodeBuild' && inputs > 1 && !given.PrimarySource) {
    add(
      `Action configuration for action '${action.name}' is missing required configuration 'PrimarySource'`,
      'configuration',
    )
  }
  return problems
}

function countProblem(
  count: number,
  [least, most]: readonly [number, number],
  kind: string,
  name: string,
  add: (message: string) => void,
): void {
  if (count < least) add(`Action ${name} has ${count} ${kind} artifacts which is fewer than the minimum of ${least}`)
  if (count > most) add(`Action ${name} has ${count} ${kind} artifacts which is more than the maximum of ${most}`)
}

/** Output names are unique; an input is the output of an earlier stage, or of a lower runOrder in the same one. */
function artifactProblems({ stages }: PipelineDeclaration): PipelineProblem[] {
  const problems: PipelineProblem[] = []
  const made = new Map<string, { stage: number; runOrder: number }>()
  const each = (visit: (action: ActionDeclaration, stage: number, path: (string | number)[]) => void) =>
    stages.forEach((stage, index) =>
      stage.actions.forEach((action, position) => visit(action, index, ['stages', index, 'actions', position])),
    )
  each((action, stage, path) => {
    for (const { name } of action.outputArtifacts ?? []) {
      if (!ARTIFACT_NAME.test(name))
        problems.push({
          code: 'InvalidActionDeclarationException',
          message: `Output artifact name ${name} of action ${action.name} does not match ${ARTIFACT_NAME.source}`,
          path: [...path, 'outputArtifacts'],
        })
      if (made.has(name))
        problems.push({
          code: 'InvalidActionDeclarationException',
          message: `Output Artifact Bundle name must be unique within the pipeline. ${name} has been used more than once.`,
          path: [...path, 'outputArtifacts'],
        })
      else made.set(name, { stage, runOrder: action.runOrder ?? 1 })
    }
  })
  each((action, stage, path) => {
    for (const { name } of action.inputArtifacts ?? []) {
      const origin = made.get(name)
      const earlier =
        origin && (origin.stage < stage || (origin.stage === stage && origin.runOrder < (action.runOrder ?? 1)))
      if (!earlier) {
        problems.push({
          code: 'InvalidActionDeclarationException',
          message: `Input Artifact Bundle ${name} in action ${action.name} is not declared as the output artifact of any of the previous actions or it's an output artifact of an action with a same or greater runOrder`,
          path: [...path, 'inputArtifacts'],
        })
      }
    }
    const primary = action.configuration?.PrimarySource
    if (primary && !(action.inputArtifacts ?? []).some(({ name }) => name === primary)) {
      problems.push({
        code: 'InvalidActionDeclarationException',
        message: `PrimarySource ${primary} of action ${action.name} is not one of its input artifacts`,
        path: [...path, 'configuration', 'PrimarySource'],
      })
    }
  })
  return problems
}

/** A namespace is unique and is not the name of an artifact. */
function namespaceProblems({ stages }: PipelineDeclaration): PipelineProblem[] {
  const problems: PipelineProblem[] = []
  const seen = new Set<string>()
  stages.forEach((stage, index) => {
    stage.actions.forEach(({ namespace }, position) => {
      if (namespace === undefined) return
      if (seen.has(namespace)) {
        const message = `Namespace must be unique within the pipeline. ${namespace} has been used more than once.`
        problems.push({
          code: 'InvalidActionDeclarationException',
          message,
          path: ['stages', index, 'actions', position, 'namespace'],
        })
      }
      seen.add(namespace)
    })
  })
  return problems
}

const isSource = ({ actionTypeId }: ActionDeclaration) => actionTypeId.category === 'Source'
