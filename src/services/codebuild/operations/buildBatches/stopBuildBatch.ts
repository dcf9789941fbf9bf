// StopBuildBatch: the batch ends at once, its builds are stopped as its role. One that is over stays as it is.

import type { Handler } from '../../../../operation/handler.ts'
import { advanceBatch } from '../../batches/advance.ts'
import { batchShapes } from '../../batches/shape.ts'
import { batchArn, batchId } from '../../definition.ts'
import { fail } from '../../errors.ts'

export const stopBuildBatch: Handler<'codebuild', 'StopBuildBatch'> = async (call, input) => {
  const id = batchId(call.scope, input.id)
  if (!id.includes(':')) fail('InvalidInputException', 'Invalid build batch ID provided')
  const row = await advanceBatch(call, id, { type: 'stopRequested' })
  if (!row)
    return fail('ResourceNotFoundException', `The provided build batch does not exist: ${batchArn(call.scope, id)}`)
  return { buildBatch: (await batchShapes(call, [row]))[0]! }
}
