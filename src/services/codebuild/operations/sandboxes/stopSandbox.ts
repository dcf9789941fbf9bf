// StopSandbox: one that waits ends at once; one that runs is ended by its builder, with everything in it.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { advanceSandbox } from '../../sandboxes/advance.ts'
import { sandboxArn, sandboxId } from '../../sandboxes/sandboxes.ts'
import { sandboxShape } from '../../sandboxes/shape.ts'

export const stopSandbox: Handler<'codebuild', 'StopSandbox'> = async (call, input) => {
  const id = sandboxId(call.scope, input.id!)
  const row = await advanceSandbox(call, id, { type: 'stopRequested' })
  if (!row)
    return fail('ResourceNotFoundException', `The provided sandbox does not exist: ${sandboxArn(call.scope, id)}`)
  return { sandbox: sandboxShape(row) }
}
