// GetPipeline: the structure, of the current or of an earlier version.

import { formatArn } from '../../../../core/arn.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findStructure, needPipeline } from '../../pipelines.ts'

export const getPipeline: Handler<'codepipeline', 'GetPipeline'> = async ({ tx, scope }, { name, version }) => {
  const pipeline = await needPipeline(tx, scope, name)
  const structure = await findStructure(tx, pipeline.id, version ?? pipeline.version)
  if (!structure) fail('PipelineVersionNotFoundException', `The pipeline '${name}' does not have a version ${version}`)
  return {
    pipeline: structure!.declaration as never,
    metadata: {
      pipelineArn: formatArn('codepipeline', scope, name),
      created: pipeline.created_at,
      updated: pipeline.updated_at,
    },
  }
}
