// UpdateFleet: members that are given replace the old ones. Builds that run stay where they are.

import type { Handler } from '../../../../operation/handler.ts'
import { notify } from '../../../../store/tx.ts'
import { QUEUE_CHANNEL } from '../../announce.ts'
import { fail } from '../../errors.ts'
import { fleetCapacityOf } from '../../fleets/capacity.ts'
import { fleetShape } from '../../fleets/fleetShape.ts'
import { fleetArn, lockFleet, saveFleet } from '../../fleets/fleets.ts'
import { validateFleet } from '../../fleets/validate.ts'

export const updateFleet: Handler<'codebuild', 'UpdateFleet'> = async (call, input) => {
  const { arn, tags, ...given } = input
  const row = await lockFleet(call.tx, call.scope, arn!)
  if (!row) return fail('ResourceNotFoundException', `Fleet cannot be found: ${arn}`)
  if (row.status === 'PENDING_DELETION') fail('InvalidInputException', `Fleet is being deleted: ${arn}`)
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const merged = { ...row.definition, ...changes }
  // What belonged to the compute type before does not belong to another one.
  if (given.computeType && !given.computeConfiguration && given.computeType !== 'ATTRIBUTE_BASED_COMPUTE')
    delete merged.computeConfiguration
  validateFleet(merged, call.scope.account)
  const updated = {
    ...row,
    definition: merged,
    tags: tags ?? row.tags,
    status: 'UPDATING' as const,
    modified_at: call.now,
  }
  await saveFleet(call.tx, call.scope, updated)
  await call.addJob('settleFleet', { arn: fleetArn(call.scope, row) })
  await notify(call.tx, QUEUE_CHANNEL, '') // there may be room for more
  return { fleet: fleetShape(call.scope, updated, await fleetCapacityOf(call, row.name)) }
}
