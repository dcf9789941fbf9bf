// DeletePipeline: the pipeline and its history. AWS: deleting one that is not there is no error.

import type { Handler } from '../../../../operation/handler.ts'
import { deletePipelineRow, findPipeline } from '../../pipelines.ts'

export const deletePipeline: Handler<'codepipeline', 'DeletePipeline'> = async ({ tx, scope }, { name }) => {
  const pipeline = await findPipeline(tx, scope, name)
  if (pipeline) await deletePipelineRow(tx, pipeline.id)
  return {}
}
