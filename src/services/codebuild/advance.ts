// Advances a build: locks its row, asks the machine, saves, and carries out what follows, all in one transaction.

import type { Call } from '../../operation/call.ts'
import { carryOut } from './announce.ts'
import { type BuildRow, lockBuild, saveBuild } from './builds.ts'
import { retryAutomatically } from './fleets/retry.ts'
import { type BuildEvent, decide } from './machine.ts'

/** The row after `event`; undefined when there is no such build. `outputs` are stored along. */
export async function advance(
  call: Call,
  id: string,
  event: BuildEvent,
  outputs?: BuildRow['outputs'],
): Promise<BuildRow | undefined> {
  const row = await lockBuild(call.tx, call.scope, id)
  return row && advanceLocked(call, row, event, outputs)
}

/** The same for a row that this transaction has locked. */
export async function advanceLocked(
  call: Call,
  row: BuildRow,
  event: BuildEvent,
  outputs = row.outputs,
): Promise<BuildRow> {
  const { state, effects } = decide({ ...row, outputs }, event, call.now)
  await saveBuild(call.tx, state)
  await carryOut(call, state, effects)
  if (row.status === 'IN_PROGRESS' && state.status !== 'IN_PROGRESS') await retryAutomatically(call, state)
  return state
}
