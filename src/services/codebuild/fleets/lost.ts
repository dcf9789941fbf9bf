// Builds whose machine is gone: those that had not begun start anew elsewhere, the others end as FAULT and are run again once.

import type { Scope } from '../../../core/scope.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Tx } from '../../../store/tx.ts'
import { advance } from '../advance.ts'
import { forgetPlace, lostBuilds } from './queue.ts'

/** How long the builds of a builder that is gone wait for one that comes back to where it was; the same for all builders of the house. */
export async function lostAfterOf(tx: Tx): Promise<number> {
  return (await tx.one<{ lost_after: number }>`select lost_after from codebuild.house`)!.lost_after
}

export async function setLostAfter(tx: Tx, seconds: number): Promise<void> {
  await tx.run`update codebuild.house set lost_after = ${seconds}`
}

/** Every builder does this; of two that do it at once the second finds nothing left to do. */
export async function giveUpLost(openCall: (scope: Scope) => OpenCall, own: Scope, seconds?: number): Promise<void> {
  const lost = await openCall(own).read(async call => lostBuilds(call.tx, seconds ?? (await lostAfterOf(call.tx))))
  for (const { account, region, id, host, phase } of lost) {
    const message = `the builder on ${host} is gone, and no other one reaches what it left of this build`
    await openCall({ account, region }).transaction(async call => {
      if (phase === 'QUEUED' || phase === 'PROVISIONING') await forgetPlace(call.tx, call.scope, id)
      else await advance(call, id, { type: 'lost', message })
    })
  }
}
