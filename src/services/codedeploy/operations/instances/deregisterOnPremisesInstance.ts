// DeregisterOnPremisesInstance: its agent gets no more work; the record stays with its time.

import type { Handler } from '../../../../operation/handler.ts'

export const deregisterOnPremisesInstance: Handler<'codedeploy', 'DeregisterOnPremisesInstance'> = async (
  call,
  input,
) => {
  await call.tx.run`
    update codedeploy.on_premises_instances set deregistered_at = ${call.now}
    where account = ${call.scope.account} and region = ${call.scope.region} and name = ${input.instanceName}
      and deregistered_at is null`
  return {}
}
