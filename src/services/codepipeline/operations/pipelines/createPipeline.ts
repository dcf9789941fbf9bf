// CreatePipeline: checks the structure, keeps it as version 1 and starts the first execution.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import type { PipelineDeclaration } from '../../../../specs/pipeline/declaration.ts'
import { completed, follow, requireValid } from '../../declare.ts'
import { fail } from '../../errors.ts'
import { findPipeline, insertPipeline } from '../../pipelines.ts'
import { startExecution } from '../../start.ts'

export const createPipeline: Handler<'codepipeline', 'CreatePipeline'> = async (call, { pipeline, tags = [] }) => {
  const declaration = completed(pipeline as PipelineDeclaration, 1)
  requireValid(declaration)
  if (await findPipeline(call.tx, call.scope, declaration.name)) {
    fail(
      'PipelineNameInUseException',
      `A pipeline with the name '${declaration.name}' already exists in account '${call.scope.account}'`,
    )
  }
  const id = call.ids.uuid()
  const kept = tags.map(({ key, value }) => ({ key: key!, value: value! }))
  await insertPipeline(call.tx, {
    id,
    ...call.scope,
    name: declaration.name,
    version: 1,
    created_at: call.now,
    tags: kept,
    declaration,
  })
  await follow(call, id, declaration)
  await startExecution(call, {
    pipelineId: id,
    trigger: { triggerType: 'CreatePipeline', triggerDetail: principalArn(call.principal) },
  })
  return { pipeline: declaration as typeof pipeline, tags: kept }
}
