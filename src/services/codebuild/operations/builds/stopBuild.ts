// StopBuild: a queued build ends at once; a running one is killed by its builder, which then says that it is STOPPED.

import type { Handler } from '../../../../operation/handler.ts'
import { advance } from '../../advance.ts'
import { buildArn, buildId } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { buildShape } from '../../shape.ts'

export const stopBuild: Handler<'codebuild', 'StopBuild'> = async (call, input) => {
  const id = buildId(call.scope, input.id)
  if (!id.includes(':')) fail('InvalidInputException', 'Invalid build ID provided')
  const row = await advance(call, id, { type: 'stopRequested' })
  if (!row) return fail('ResourceNotFoundException', `The provided build does not exist: ${buildArn(call.scope, id)}`)
  return { build: buildShape(row) }
}
