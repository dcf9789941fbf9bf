// PollHostCommand: hands out one command, or waits for one: on notifications, and on the time when one that was lost may be given again.

import type { OpenCall } from '../../../operation/call.ts'
import { COMMAND_CHANNEL, type CommandRow, nextToGiveAgain, takeCommand } from '../commandQueue.ts'
import { instanceOfHost } from '../instances.ts'
import { checkHost, clientError } from './host.ts'

/** The real agent reads for 80 s at most. */
const WAIT_MS = 50_000

export interface HostCommand {
  readonly HostCommandIdentifier: string
  readonly HostIdentifier: string
  readonly DeploymentExecutionId: string
  readonly CommandName: string
  readonly Nonce: number
}

export async function pollHostCommand(
  call: OpenCall,
  { HostIdentifier: host }: { HostIdentifier: string },
): Promise<{ HostCommand?: HostCommand }> {
  checkHost(call, host)
  await markSeen(call, host)
  const wanted = waiter()
  // Listening begins before the first look, so that no command falls between the two.
  const silence = await call.listen(COMMAND_CHANNEL, heard => {
    if (heard === host || heard === '') wanted.wake()
  })
  const deadline = AbortSignal.any([call.signal, AbortSignal.timeout(WAIT_MS)])
  try {
    for (;;) {
      const taken = call.signal.aborted
        ? undefined
        : await call.transaction(inner => takeCommand(inner.tx, inner.scope, host, inner.now))
      if (taken) return { HostCommand: wire(call, taken) }
      if (deadline.aborted) return {}
      const pause = await call.read(async ({ tx, scope, now }) => {
        const again = await nextToGiveAgain(tx, scope, host)
        return again && Math.max(100, again.getTime() - now.getTime())
      })
      if (!(await wanted.next(deadline, pause))) return {}
    }
  } finally {
    await silence()
  }
}

/** `region/account/deployment/target` fits the 129 characters that the agent allows, whatever the target's name. */
function wire(call: OpenCall, row: CommandRow): HostCommand {
  return {
    HostCommandIdentifier: row.id,
    HostIdentifier: row.host_identifier,
    DeploymentExecutionId: `${call.scope.region}/${call.scope.account}/${row.deployment_id}/1`,
    CommandName: row.event,
    Nonce: row.nonce,
  }
}

async function markSeen(call: OpenCall, host: string): Promise<void> {
  await call.transaction(async ({ tx, scope, now }) => {
    const instance =
      (await instanceOfHost(tx, scope, host)) ??
      clientError(`HostNotFound: no registered on-premises instance has the identity ${host}.`)
    await tx.run`
      update codedeploy.on_premises_instances set last_seen_at = ${now}
      where account = ${scope.account} and region = ${scope.region} and name = ${instance.name}`
  })
}

/** Remembers one wake-up that came while nobody waited. */
function waiter() {
  let pending = false
  let resume: (() => void) | undefined
  return {
    wake() {
      pending = true
      resume?.()
    },
    /** True when woken, or after `atMost` ms; false when `signal` ended the wait. */
    next(signal: AbortSignal, atMost: number | undefined): Promise<boolean> {
      return new Promise(resolve => {
        let timer: NodeJS.Timeout | undefined
        const done = (woken: boolean) => {
          resume = undefined
          pending = false
          clearTimeout(timer)
          signal.removeEventListener('abort', ended)
          resolve(woken)
        }
        const ended = () => done(false)
        if (pending) return done(true)
        if (signal.aborted) return done(false)
        signal.addEventListener('abort', ended, { once: true })
        resume = () => done(true)
        if (atMost !== undefined) timer = setTimeout(done, atMost, true)
      })
    },
  }
}
