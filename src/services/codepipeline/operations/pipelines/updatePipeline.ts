// UpdatePipeline: a new version. Actions that run end, then their executions fail; nothing starts by itself.

import type { Handler } from '../../../../operation/handler.ts'
import type { PipelineDeclaration } from '../../../../specs/pipeline/declaration.ts'
import { advance, toStructure } from '../../advance.ts'
import { completed, follow, requireValid } from '../../declare.ts'
import { lockPipeline, needPipeline, updatePipelineRow } from '../../pipelines.ts'

export const updatePipeline: Handler<'codepipeline', 'UpdatePipeline'> = async (call, { pipeline }) => {
  const { id } = await needPipeline(call.tx, call.scope, pipeline.name!)
  const version = (await lockPipeline(call.tx, id))!.version + 1
  const declaration = completed(pipeline as PipelineDeclaration, version)
  requireValid(declaration)
  // The machine compares the versions of executions with the current one, so it is told before the row says it.
  await advance(call, id, { type: 'structureChanged', structure: toStructure(declaration, version) })
  await updatePipelineRow(call.tx, id, version, declaration, call.now)
  await follow(call, id, declaration)
  return { pipeline: declaration as typeof pipeline }
}
