// A pipeline file, as `aws codepipeline create-pipeline --cli-input-json` takes it, with a place for every complaint.

import { LineCounter, parseDocument } from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'
import { checkPipeline } from './checkPipeline.ts'
import type { PipelineDeclaration } from './declaration.ts'

const PIPELINE_KEYS = new Set([
  'name',
  'roleArn',
  'artifactStore',
  'artifactStores',
  'stages',
  'version',
  'executionMode',
  'pipelineType',
  'variables',
  'triggers',
])

export function parsePipeline(
  text: string,
  file: string,
): { pipeline?: PipelineDeclaration; diagnostics: Diagnostic[] } {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, schema: 'json', strict: true, prettyErrors: false })
  const diagnostics: Diagnostic[] = []
  const add = (severity: Diagnostic['severity'], message: string, offset: number) => {
    const { line, col } = counter.linePos(offset)
    diagnostics.push({ severity, file, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }
  for (const { message, pos } of document.errors) add('error', message, pos[0])
  if (document.errors.length > 0) return { diagnostics }

  const content = document.toJS() as Record<string, unknown> | null
  // GetPipeline and create-pipeline wrap the structure; a bare one is taken as well.
  const wrapped = isObject(content) && isObject(content.pipeline)
  const prefix = wrapped ? ['pipeline'] : []
  const pipeline = (wrapped ? content.pipeline : content) as Record<string, unknown>
  const place = (path: readonly (string | number)[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn([...prefix, ...path.slice(0, length)], true) as
        | { range?: [number, number, number] }
        | undefined
      if (node?.range) return node.range[0]
    }
    return 0
  }
  for (const [path, message] of shapeProblems(pipeline)) add('error', message, place(path))
  if (diagnostics.length > 0) return { diagnostics }
  for (const key of Object.keys(pipeline))
    if (!PIPELINE_KEYS.has(key)) add('warning', `unknown key '${key}'`, place([key]))
  const declaration = pipeline as unknown as PipelineDeclaration
  for (const { message, path } of checkPipeline(declaration)) add('error', message, place(path))
  return { pipeline: declaration, diagnostics }
}

/** What has to be so before the structure can be checked at all. */
function* shapeProblems(pipeline: Record<string, unknown>): Generator<[path: (string | number)[], message: string]> {
  if (!isObject(pipeline)) return yield [[], 'a pipeline is a JSON object']
  for (const key of ['name', 'roleArn'])
    if (typeof pipeline[key] !== 'string') yield [[key], `'${key}' is missing or is no text`]
  if (!Array.isArray(pipeline.stages)) return yield [['stages'], "'stages' is missing or is no list"]
  for (const [index, stage] of pipeline.stages.entries()) {
    if (!isObject(stage) || typeof stage.name !== 'string')
      yield [['stages', index], 'a stage is an object with a name']
    else if (!Array.isArray(stage.actions)) yield [['stages', index], `stage ${stage.name} has no list of actions`]
    else yield* actionShapeProblems(stage.actions, index)
  }
}

function* actionShapeProblems(
  actions: unknown[],
  stage: number,
): Generator<[path: (string | number)[], message: string]> {
  for (const [index, action] of actions.entries()) {
    const path = ['stages', stage, 'actions', index]
    if (!isObject(action) || typeof action.name !== 'string') {
      yield [path, 'an action is an object with a name']
      continue
    }
    const type = action.actionTypeId
    for (const key of ['category', 'owner', 'provider', 'version']) {
      if (!isObject(type) || typeof type[key] !== 'string')
        yield [[...path, 'actionTypeId'], `actionTypeId.${key} of action ${action.name} is missing or is no text`]
    }
    for (const [key, value] of Object.entries(isObject(action.configuration) ? action.configuration : {})) {
      if (typeof value !== 'string')
        yield [[...path, 'configuration', key], `configuration ${key} of action ${action.name} is no text`]
    }
    for (const key of ['inputArtifacts', 'outputArtifacts']) {
      const list = action[key]
      const valid =
        list === undefined || (Array.isArray(list) && list.every(one => isObject(one) && typeof one.name === 'string'))
      if (!valid) yield [[...path, key], `${key} of action ${action.name} is a list of objects with a name`]
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
