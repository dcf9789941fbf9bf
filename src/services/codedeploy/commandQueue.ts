// The commands that wait for hosts. A command is given to one poller; once acknowledged it is never given again.

import type { Scope } from '../../core/scope.ts'
import { notify, type Tx } from '../../store/tx.ts'

export interface CommandRow {
  readonly id: string
  readonly deployment_id: string
  readonly target_id: string
  readonly event: string
  readonly host_identifier: string
  readonly state: 'waiting' | 'given' | 'running' | 'over'
  readonly nonce: number
}

/** Hears the host identifier of every new command. */
export const COMMAND_CHANNEL = 'codedeploy_command'

/**
 * A poller that did not acknowledge has lost the answer (its server was killed), or died: another poll gets the command. Both agents
 * acknowledge before they run anything, and ignore a command that they have.
 */
const GIVE_AGAIN_AFTER_MS = 5_000

export interface NewCommand {
  readonly id: string
  readonly deploymentId: string
  readonly target: string
  readonly event: string
  readonly host: string
  readonly now: Date
}

export async function putCommand(tx: Tx, scope: Scope, command: NewCommand): Promise<void> {
  await tx.run`
    insert into codedeploy.commands
      (id, deployment_id, target_id, event, account, region, host_identifier, state, created_at)
    values (${command.id}, ${command.deploymentId}, ${command.target}, ${command.event}, ${scope.account}, ${scope.region},
      ${command.host}, 'waiting', ${command.now})`
  await notify(tx, COMMAND_CHANNEL, command.host)
}

/** The oldest command for `host`, marked as given, with the next nonce. */
export const takeCommand = (tx: Tx, scope: Scope, host: string, now: Date) =>
  tx.one<CommandRow>`
    update codedeploy.commands set state = 'given', given_at = ${now}, nonce = nonce + 1
    where id = (
      select id from codedeploy.commands
      where account = ${scope.account} and region = ${scope.region} and host_identifier = ${host}
        and (state = 'waiting' or (state = 'given' and given_at < ${new Date(now.getTime() - GIVE_AGAIN_AFTER_MS)}))
      order by created_at, id limit 1 for update skip locked)
    returning id, deployment_id, target_id, event, host_identifier, state, nonce`

/** When a command that was given to a poller of `host` may be given again; undefined when none is on its way. */
export async function nextToGiveAgain(tx: Tx, scope: Scope, host: string): Promise<Date | undefined> {
  const row = await tx.one<{ given_at: Date | null }>`
    select min(given_at) as given_at from codedeploy.commands
    where account = ${scope.account} and region = ${scope.region} and host_identifier = ${host} and state = 'given'`
  return row?.given_at ? new Date(row.given_at.getTime() + GIVE_AGAIN_AFTER_MS + 1) : undefined
}

export const findCommand = (tx: Tx, scope: Scope, id: string) =>
  tx.one<CommandRow>`
    select id, deployment_id, target_id, event, host_identifier, state, nonce from codedeploy.commands
    where id = ${id} and account = ${scope.account} and region = ${scope.region}`

/** True when this acknowledgement is the first. */
export async function markRunning(tx: Tx, id: string): Promise<boolean> {
  return (
    (await tx.run`update codedeploy.commands set state = 'running' where id = ${id} and state in ('waiting', 'given')`) ===
    1
  )
}

/** True when this end is the first: later reports are ignored. */
export async function markOver(tx: Tx, id: string): Promise<boolean> {
  return (await tx.run`update codedeploy.commands set state = 'over' where id = ${id} and state <> 'over'`) === 1
}

export async function cancelCommand(tx: Tx, deploymentId: string, target: string, event: string): Promise<void> {
  await tx.run`
    update codedeploy.commands set state = 'over'
    where deployment_id = ${deploymentId} and target_id = ${target} and event = ${event}`
}
