// The agent's loop: ask for a command, run it while asking for the next, report how it ended. Nothing that fails ends it.

import { setTimeout as delay } from 'node:timers/promises'
import { type CommandsClient, CommandsError, type HostCommand, persist } from './commandsClient.ts'
import { type DeploymentSpec, openEnvelope } from './deploymentSpec.ts'
import { createLogTail, diagnosticsOf, diagnosticsPayload, ERROR_CODES } from './diagnostics.ts'
import { createExecutor, type ExecutorOptions } from './executor.ts'
import type { Layout } from './layout.ts'
import { endOrphans } from './orphans.ts'
import { forgetCommand, trackCommand, unfinishedCommands } from './tracker.ts'

export interface PollerOptions {
  readonly client: CommandsClient
  readonly host: string
  readonly layout: Layout
  readonly executor: Omit<ExecutorOptions, 'heard' | 'signal'>
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
  /** How long stop() lets a running command go on. */
  readonly graceMs: number
}

export interface Poller {
  /** No new commands; a running one may end within the grace time, then its scripts are killed and it is reported as failed. */
  stop(): Promise<void>
  /** Rejects only when the loop itself is broken. */
  readonly done: Promise<void>
}

const ACKNOWLEDGE_FOR_MS = 45_000
/** The service gives an event an hour: later a report is of no use. */
const REPORT_FOR_MS = 3_600_000
const SHOW_OUTPUT_EVERY_MS = 2000
const LONGEST_PAUSE_MS = 90_000

export function startPoller(options: PollerOptions): Poller {
  const stopping = new AbortController()
  const killing = new AbortController()
  const giveUp = new AbortController()
  const running = new Map<string, Promise<void>>()
  const done = loop()

  async function loop(): Promise<void> {
    await recover(options, stopping.signal)
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        const asked = performance.now()
        const command = await options.client.poll(stopping.signal)
        failures = 0
        if (command) begin(command)
        // A service that does not hold the poll is asked about once a second, as the agent of AWS does.
        else if (performance.now() - asked < 1000)
          await delay(1000, undefined, { signal: stopping.signal }).catch(() => {})
      } catch (error) {
        if (stopping.signal.aborted) break
        // DEVIATES: the agent of AWS waits 10 s after the first error; half a second finds a restarted server sooner.
        const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures++)
        options.log('warn', `cannot poll for commands: ${reason(error)}; trying again in ${pause / 1000} s`)
        await delay(pause, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }

  function begin(command: HostCommand): void {
    const id = command.HostCommandIdentifier
    if (command.HostIdentifier !== options.host || !command.CommandName) {
      options.log('error', `ignoring a command that is not for ${options.host}: ${JSON.stringify(command)}`)
      return
    }
    if (running.has(id)) return
    const work = carryOut(options, command, { kill: killing.signal, giveUp: giveUp.signal })
      .catch(error => options.log('error', `${command.CommandName} could not be reported: ${reason(error)}`))
      .finally(() => running.delete(id))
    running.set(id, work)
  }

  return {
    done,
    async stop() {
      stopping.abort()
      await done
      const ended = () => Promise.all(running.values())
      const within = (ms: number) => Promise.race([ended(), delay(ms, undefined, { ref: false })])
      await within(options.graceMs)
      killing.abort()
      await within(10_000)
      giveUp.abort()
      await ended()
    },
  }
}

/** What an earlier process was at has failed: code 7. What it left running is ended. */
async function recover({ client, layout, log, executor }: PollerOptions, signal: AbortSignal): Promise<void> {
  const orphans = endOrphans(layout.root)
  if (orphans > 0) log('warn', `ended ${orphans} scripts that an earlier agent left running`)
  for (const { deploymentId, commandId } of unfinishedCommands(layout, executor.now())) {
    log('warn', `${deploymentId}: the agent was restarted in the middle of a lifecycle event; it has failed`)
    const diagnostics = diagnosticsPayload(
      ERROR_CODES.failedAfterRestart,
      'Failed: Failing in-progress lifecycle event after an agent restart.',
    )
    try {
      await persist(REPORT_FOR_MS, signal, () => client.complete(commandId, false, diagnostics, signal))
    } catch (error) {
      if (signal.aborted) return
      log('warn', `${deploymentId}: ${reason(error)}`)
    }
    forgetCommand(layout, deploymentId)
  }
}

interface Ends {
  readonly kill: AbortSignal
  readonly giveUp: AbortSignal
}

async function carryOut(options: PollerOptions, command: HostCommand, { kill, giveUp }: Ends): Promise<void> {
  const { client, layout, log } = options
  const id = command.HostCommandIdentifier
  const complete = (succeeded: boolean, diagnostics: string) =>
    persist(REPORT_FOR_MS, giveUp, () => client.complete(id, succeeded, diagnostics, giveUp))
  const output = createLogTail()
  const executor = createExecutor({ ...options.executor, heard: entry => output.add(entry), signal: kill })
  let spec: DeploymentSpec | undefined
  try {
    const envelope = await persist(ACKNOWLEDGE_FOR_MS, giveUp, () =>
      client.specification(command.DeploymentExecutionId, giveUp),
    )
    spec = openEnvelope(envelope)
    const noop = executor.isNoop(command.CommandName, spec)
    // Before the service knows: killed after it does, the next start would not know whom to report, and the event would wait for an hour.
    trackCommand(layout, spec.deploymentId, id)
    const status = await persist(ACKNOWLEDGE_FOR_MS, giveUp, () => client.acknowledge(id, noop, giveUp))
    if (status === 'Succeeded' || status === 'Failed') {
      forgetCommand(layout, spec.deploymentId)
      if (status === 'Failed' && noop)
        await complete(true, diagnosticsPayload(ERROR_CODES.succeeded, 'Succeeded: CompletedNoopCommand'))
      return
    }
  } catch (error) {
    if (spec) forgetCommand(layout, spec.deploymentId)
    // Without a connection the service gives the command again; anything else is the command's failure.
    if (isConnection(error)) throw error
    return complete(false, diagnosticsOf(error))
  }
  const where = `${spec.deploymentId} ${command.CommandName}`
  const stopShowing = showOutput(client, id, output.text)
  let failure: unknown
  try {
    log('info', `${where}: begins`)
    await executor.execute(command.CommandName, spec)
    log('info', `${where}: succeeded`)
  } catch (error) {
    failure = error
    log('error', `${where}: ${reason(error)}`)
  }
  stopShowing()
  await complete(
    failure === undefined,
    failure === undefined ? diagnosticsPayload(ERROR_CODES.succeeded, 'Succeeded: ') : diagnosticsOf(failure),
  )
  forgetCommand(layout, spec.deploymentId)
}

/** Sends what a running script says, at most every two seconds. A lost update is no harm. */
function showOutput(client: CommandsClient, id: string, text: () => string): () => void {
  const ended = new AbortController()
  let shown = ''
  const timer = setInterval(() => {
    const log = text()
    if (log === shown) return
    shown = log
    client.update(id, diagnosticsPayload(ERROR_CODES.succeeded, '', '', log), ended.signal).catch(() => {})
  }, SHOW_OUTPUT_EVERY_MS)
  return () => {
    clearInterval(timer)
    ended.abort()
  }
}

const isConnection = (error: unknown) =>
  error instanceof CommandsError
    ? error.passing
    : error instanceof TypeError || (error as Error).name === 'TimeoutError' || (error as Error).name === 'AbortError'

function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
