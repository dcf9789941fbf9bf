// What a host says about its command: that it has it, how it goes, how it ended. The first end counts, later ones are ignored.

import type { Call } from '../../../operation/call.ts'
import { advance } from '../advance.ts'
import { type CommandRow, findCommand, markOver, markRunning } from '../commandQueue.ts'
import { readDiagnostics } from '../diagnostics.ts'
import { checkHost, clientError } from './host.ts'

interface Envelope {
  readonly Format?: string
  readonly Payload?: string
}
interface Report {
  readonly HostCommandIdentifier: string
  readonly Diagnostics?: Envelope
}
type CommandStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed'

/** The deployment's row is locked before the command's, as everywhere: two reports never wait for each other. */
async function commandOf(call: Call, id: string): Promise<CommandRow> {
  const found =
    (await findCommand(call.tx, call.scope, id)) ?? clientError(`The host command identifier ${id} is not valid.`)
  checkHost(call, found.host_identifier)
  await call.tx.one`select id from codedeploy.deployments where id = ${found.deployment_id} for update`
  return (await findCommand(call.tx, call.scope, id)) ?? clientError(`The host command identifier ${id} is not valid.`)
}

/** A no-op is over with its acknowledgement: the answer Succeeded tells the agent that there is nothing to run. */
export async function putHostCommandAcknowledgement(
  call: Call,
  input: Report,
): Promise<{ CommandStatus: CommandStatus }> {
  const command = await commandOf(call, input.HostCommandIdentifier)
  if (command.state === 'over') return { CommandStatus: 'Failed' }
  if (command.state === 'running') return { CommandStatus: 'InProgress' }
  const noop = isNoop(input.Diagnostics?.Payload)
  if (noop) await markOver(call.tx, command.id)
  else await markRunning(call.tx, command.id)
  await advance(call, command.deployment_id, {
    type: 'acknowledged',
    target: command.target_id,
    event: command.event,
    noop,
  })
  return { CommandStatus: noop ? 'Succeeded' : 'InProgress' }
}

function isNoop(payload: string | undefined): boolean {
  try {
    return JSON.parse(payload ?? '').IsCommandNoop === true
  } catch {
    return false
  }
}

/** AWS's agent never sends it; ours does while a script runs, so that its output can be seen. */
export async function postHostCommandUpdate(call: Call, input: Report): Promise<{ CommandStatus: CommandStatus }> {
  const command = await commandOf(call, input.HostCommandIdentifier)
  if (command.state === 'over') return { CommandStatus: 'Failed' }
  if (input.Diagnostics?.Payload) {
    const diagnostics = readDiagnostics(input.Diagnostics.Payload, true)
    await advance(call, command.deployment_id, {
      type: 'reported',
      target: command.target_id,
      event: command.event,
      diagnostics,
    })
  }
  return { CommandStatus: 'InProgress' }
}

export async function putHostCommandComplete(
  call: Call,
  input: Report & { readonly CommandStatus: CommandStatus },
): Promise<Record<string, never>> {
  const command = await commandOf(call, input.HostCommandIdentifier)
  const succeeded = input.CommandStatus === 'Succeeded'
  if (!succeeded && input.CommandStatus !== 'Failed') {
    return clientError(`A command ends Succeeded or Failed, not ${input.CommandStatus}.`)
  }
  if (!(await markOver(call.tx, command.id))) return {}
  await advance(call, command.deployment_id, {
    type: 'completed',
    target: command.target_id,
    event: command.event,
    succeeded,
    diagnostics: readDiagnostics(input.Diagnostics?.Payload, succeeded),
  })
  return {}
}
