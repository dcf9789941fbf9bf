// What happens to fleets by themselves: a new or changed one becomes active, a deleted one goes when its last build is over.

import type { Task } from '../../../operation/service.ts'
import { deleteIdleFleet, lockFleet, saveFleet } from './fleets.ts'

const AGAIN_MS = 10_000

// A machine is a builder that registers itself: there is nothing else to make, so the fleet is active at once.
const settleFleet: Task = (call, { arn }: { arn: string }) =>
  call.transaction(async ({ tx, scope }) => {
    const row = await lockFleet(tx, scope, arn)
    if (row?.status === 'CREATING' || row?.status === 'UPDATING')
      await saveFleet(tx, scope, { ...row, status: 'ACTIVE' })
  })

const removeFleet: Task = (call, { arn }: { arn: string }) =>
  call.transaction(async inner => {
    const row = await lockFleet(inner.tx, inner.scope, arn)
    if (row?.status !== 'PENDING_DELETION' || (await deleteIdleFleet(inner.tx, inner.scope, row))) return
    const runAt = new Date(inner.now.getTime() + AGAIN_MS)
    await inner.addJob('removeFleet', { arn }, { runAt, jobKey: `fleet:${arn}` })
  })

export const fleetTasks = { settleFleet, removeFleet }
