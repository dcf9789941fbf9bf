// CreateFleet: a named group of builders. It has the capacity that builders started with its name bring.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { fleetCapacityOf } from '../../fleets/capacity.ts'
import { fleetShape } from '../../fleets/fleetShape.ts'
import { type FleetRow, fleetArn, insertFleet } from '../../fleets/fleets.ts'
import { validateFleet } from '../../fleets/validate.ts'

export const createFleet: Handler<'codebuild', 'CreateFleet'> = async (call, input) => {
  const { name, tags, ...given } = input
  const definition = {
    ...given,
    baseCapacity: given.baseCapacity!,
    overflowBehavior: given.overflowBehavior ?? ('QUEUE' as const),
  }
  validateFleet(definition, call.scope.account)
  const row: FleetRow = {
    name: name!,
    id: call.ids.uuid(),
    definition,
    tags: tags ?? [],
    status: 'CREATING',
    created_at: call.now,
    modified_at: call.now,
  }
  if (!(await insertFleet(call.tx, call.scope, row)))
    fail('ResourceAlreadyExistsException', `Fleet already exists: ${row.name}`)
  await call.addJob('settleFleet', { arn: fleetArn(call.scope, row) })
  return { fleet: fleetShape(call.scope, row, await fleetCapacityOf(call, row.name)) }
}
