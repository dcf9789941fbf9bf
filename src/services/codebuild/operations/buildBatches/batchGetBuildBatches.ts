// BatchGetBuildBatches: batches by id or ARN, in the order asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { findBatches } from '../../batches/batches.ts'
import { batchShapes } from '../../batches/shape.ts'
import { batchId } from '../../definition.ts'
import { fail } from '../../errors.ts'

export const batchGetBuildBatches: Handler<'codebuild', 'BatchGetBuildBatches'> = async (call, input) => {
  const ids = input.ids.map(id => batchId(call.scope, id))
  if (ids.some(id => !id.includes(':'))) fail('InvalidInputException', 'Invalid build batch ID provided')
  const rows = new Map((await findBatches(call.tx, call.scope, ids)).map(row => [row.id, row]))
  return {
    buildBatches: await batchShapes(
      call,
      ids.flatMap(id => rows.get(id) ?? []),
    ),
    buildBatchesNotFound: input.ids.filter((_, index) => !rows.has(ids[index]!)),
  }
}
