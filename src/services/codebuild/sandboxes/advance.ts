// Advances a sandbox: locks its row, asks the machine, saves, and carries out what follows, all in one transaction.

import { assertNever } from '../../../core/assertNever.ts'
import type { Call } from '../../../operation/call.ts'
import { notify } from '../../../store/tx.ts'
import { endCommandsOf } from './commands.ts'
import { decideSandbox, type SandboxEvent } from './machine.ts'
import { lockSandbox, SANDBOX_CHANNEL, type SandboxRow, sandboxKey, saveSandbox } from './sandboxes.ts'

/** The row after `event`; undefined when there is no such sandbox. */
export async function advanceSandbox(call: Call, id: string, event: SandboxEvent): Promise<SandboxRow | undefined> {
  const row = await lockSandbox(call.tx, call.scope, id)
  return row && (await advanceLockedSandbox(call, row, event))
}

/** The same for a row that this transaction has locked. */
export async function advanceLockedSandbox(call: Call, row: SandboxRow, event: SandboxEvent): Promise<SandboxRow> {
  const { state, effects } = decideSandbox(row, event, call.now)
  await saveSandbox(call.tx, state)
  for (const effect of effects) {
    switch (effect.type) {
      case 'interrupt':
      case 'ready':
        await notify(call.tx, SANDBOX_CHANNEL, sandboxKey(state))
        break
      case 'endCommands':
        await endCommandsOf(call.tx, state, { sandbox: state.id, status: effect.status, now: call.now })
        break
      default:
        assertNever(effect)
    }
  }
  return state
}
