// StopDeployment: nothing new begins; what hosts are at may end.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { advance } from '../../advance.ts'
import { findDeployment } from '../../deployments.ts'
import { fail } from '../../errors.ts'
import { isOver } from '../../machine.ts'

export const stopDeployment: Handler<'codedeploy', 'StopDeployment'> = async (call, input) => {
  const row = await findDeployment(call.tx, call.scope, input.deploymentId)
  if (isOver(row.status)) {
    fail(
      'DeploymentAlreadyCompletedException',
      `The deployment ${row.id} has already completed and is in a terminal state.`,
    )
  }
  const by = principalArn(call.principal)
  const state = await advance(call, row.id, { type: 'stop', by, rollback: input.autoRollbackEnabled })
  return state && isOver(state.status)
    ? { status: 'Succeeded', statusMessage: 'Stop operation succeeded.' }
    : {
        status: 'Pending',
        statusMessage: 'The deployment stops when the lifecycle events that are in progress have ended.',
      }
}
