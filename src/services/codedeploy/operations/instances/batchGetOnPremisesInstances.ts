// BatchGetOnPremisesInstances: those that exist.

import type { Handler } from '../../../../operation/handler.ts'
import { findInstances, instanceInfo } from '../../instances.ts'
import { limitBatch } from '../../paging.ts'

export const batchGetOnPremisesInstances: Handler<'codedeploy', 'BatchGetOnPremisesInstances'> = async (
  { tx, scope },
  input,
) => {
  limitBatch(input.instanceNames)
  return { instanceInfos: (await findInstances(tx, scope, input.instanceNames)).map(instanceInfo) }
}
