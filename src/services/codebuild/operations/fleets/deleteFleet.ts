// DeleteFleet: the fleet takes no new builds from now on, and is gone when those it has are over.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deleteIdleFleet, fleetArn, lockFleet, saveFleet } from '../../fleets/fleets.ts'

export const deleteFleet: Handler<'codebuild', 'DeleteFleet'> = async (call, input) => {
  const row = await lockFleet(call.tx, call.scope, input.arn!)
  if (!row) return fail('InvalidInputException', `Fleet cannot be found: ${input.arn}`)
  if (await deleteIdleFleet(call.tx, call.scope, row)) return {}
  await saveFleet(call.tx, call.scope, { ...row, status: 'PENDING_DELETION', modified_at: call.now })
  const arn = fleetArn(call.scope, row)
  await call.addJob('removeFleet', { arn }, { jobKey: `fleet:${arn}` })
  return {}
}
