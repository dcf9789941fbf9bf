// Builds whose machine is gone: those that had not begun start anew elsewhere, the others end as FAULT and are run again once.

import type { Scope } from '../../../core/scope.ts'
import type { OpenCall } from '../../../operation/call.ts'
import { advance } from '../advance.ts'
import { forgetPlace, lostBuilds } from './queue.ts'

/** Every builder does this; of two that do it at once the second finds nothing left to do. */
export async function giveUpLost(openCall: (scope: Scope) => OpenCall, own: Scope, lostMs: number): Promise<void> {
  const lost = await openCall(own).read(call => lostBuilds(call.tx, lostMs / 1000))
  for (const { account, region, id, host, phase } of lost) {
    const message = `the builder on ${host} is gone, and no other one reaches what it left of this build`
    await openCall({ account, region }).transaction(async call => {
      if (phase === 'QUEUED' || phase === 'PROVISIONING') await forgetPlace(call.tx, call.scope, id)
      else await advance(call, id, { type: 'lost', message })
    })
  }
}
