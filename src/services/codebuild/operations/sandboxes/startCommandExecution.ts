// StartCommandExecution: a shell command in a sandbox. Before the sandbox is ready it waits for it.

import type { Handler } from '../../../../operation/handler.ts'
import { notify } from '../../../../store/tx.ts'
import { fail } from '../../errors.ts'
import { countOpenCommands, insertCommand } from '../../sandboxes/commands.ts'
import { lockSandbox, SANDBOX_CHANNEL, sandboxArn, sandboxId, sandboxKey } from '../../sandboxes/sandboxes.ts'
import { commandShape } from '../../sandboxes/shape.ts'

/** Waiting and running, of one sandbox. */
const MOST_OPEN = 1_000
const MOST_BYTES = 100_000

export const startCommandExecution: Handler<'codebuild', 'StartCommandExecution'> = async (call, input) => {
  const id = sandboxId(call.scope, input.sandboxId!)
  const command = input.command!
  // Locked: it may be about to end, and with it all commands that it has.
  const sandbox = await lockSandbox(call.tx, call.scope, id)
  if (!sandbox)
    return fail('ResourceNotFoundException', `The provided sandbox does not exist: ${sandboxArn(call.scope, id)}`)
  if (sandbox.status !== 'IN_PROGRESS' || sandbox.stop_requested)
    fail('InvalidInputException', `Cannot run a command in sandbox ${sandboxArn(call.scope, id)}: it is not running`)
  if (Buffer.byteLength(command) > MOST_BYTES)
    fail('InvalidInputException', `Invalid command: it is longer than ${MOST_BYTES} bytes`)
  if ((await countOpenCommands(call.tx, call.scope, id)) >= MOST_OPEN)
    fail('InvalidInputException', `Cannot have more than ${MOST_OPEN} commands at once in a sandbox`)
  const row = await insertCommand(call.tx, call.scope, { sandbox: id, id: call.ids.uuid(), command, now: call.now })
  await notify(call.tx, SANDBOX_CHANNEL, sandboxKey(sandbox))
  return { commandExecution: commandShape(sandbox, row) }
}
