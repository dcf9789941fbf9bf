// BatchGetFleets: fleets by name or ARN, in the order asked for, with what their builders can do now.

import type { Handler } from '../../../../operation/handler.ts'
import { fleetCapacities } from '../../fleets/capacity.ts'
import { fleetShape } from '../../fleets/fleetShape.ts'
import { findFleets, fleetKey, fleetName } from '../../fleets/fleets.ts'

export const batchGetFleets: Handler<'codebuild', 'BatchGetFleets'> = async ({ tx, scope }, input) => {
  const asked = [...new Set(input.names)].map(given => ({ given: given!, ...fleetName(scope, given!) }))
  const names = asked.map(({ name }) => name)
  const rows = new Map((await findFleets(tx, scope, names)).map(row => [row.name, row]))
  const keys = names.map(name => fleetKey(scope, name))
  const capacities = new Map((await fleetCapacities(tx, keys)).map(one => [one.key, one]))
  const found = asked.map(({ name, id }) => {
    const row = rows.get(name)
    return id === undefined || row?.id === id ? row : undefined
  })
  return {
    fleets: found
      .filter(row => row !== undefined)
      .map(row => fleetShape(scope, row, capacities.get(fleetKey(scope, row.name)))),
    fleetsNotFound: asked.filter((_, index) => !found[index]).map(({ given }) => given),
  }
}
