// GetOnPremisesInstance: also one that was deregistered.

import type { Handler } from '../../../../operation/handler.ts'
import { notRegistered } from '../../errors.ts'
import { findInstance, instanceInfo } from '../../instances.ts'

export const getOnPremisesInstance: Handler<'codedeploy', 'GetOnPremisesInstance'> = async ({ tx, scope }, input) => {
  const row = (await findInstance(tx, scope, input.instanceName)) ?? notRegistered(input.instanceName)
  return { instanceInfo: instanceInfo(row) }
}
