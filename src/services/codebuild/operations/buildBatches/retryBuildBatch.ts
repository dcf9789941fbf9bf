// RetryBuildBatch: the same batch goes on, with all of its builds again or only with those that did not succeed.

import type { Handler } from '../../../../operation/handler.ts'
import { advanceLockedBatch, announceBatch } from '../../batches/advance.ts'
import { lockBatch } from '../../batches/batches.ts'
import { canRetry } from '../../batches/machine.ts'
import { batchShapes } from '../../batches/shape.ts'
import { batchArn, batchId } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { TOKEN_MS } from '../builds/startBuild.ts'
import { digestOf, tokenMismatch } from './startBuildBatch.ts'

export const retryBuildBatch: Handler<'codebuild', 'RetryBuildBatch'> = async (call, input) => {
  if (!input.id) return fail('InvalidInputException', 'Build batch ID is required')
  const id = batchId(call.scope, input.id)
  if (!id.includes(':')) fail('InvalidInputException', 'Invalid build batch ID provided')
  const row = await lockBatch(call.tx, call.scope, id)
  if (!row)
    return fail('ResourceNotFoundException', `The provided build batch does not exist: ${batchArn(call.scope, id)}`)
  const token = input.idempotencyToken || null
  const digest = digestOf(input)
  const recent = row.retried_at && call.now.getTime() - row.retried_at.getTime() < TOKEN_MS
  if (token && recent && row.retry_token === token) {
    if (row.retry_digest !== digest) tokenMismatch()
    return { buildBatch: (await batchShapes(call, [row]))[0]! }
  }
  // AWS: "Only batch builds that have failed can be retried" [RetryBuildBatch].
  if (!canRetry(row.state))
    fail('InvalidInputException', `Only batch builds that have failed can be retried: ${id} is ${row.status}`)
  if (row.definition.source?.type === 'CODEPIPELINE')
    fail('InvalidInputException', 'Batch builds of a pipeline are retried in the pipeline')
  const retried = await advanceLockedBatch(
    call,
    row,
    { type: 'retried', retryType: input.retryType ?? 'RETRY_ALL_BUILDS' },
    { retry_token: token, retry_digest: token && digest, retried_at: call.now, artifact: null },
  )
  await announceBatch(call, retried)
  return { buildBatch: (await batchShapes(call, [retried]))[0]! }
}
