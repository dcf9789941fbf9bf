// Holds sandboxes by lease, as the builder holds builds: brings up the environment, runs what is asked for in it, ends it when it is
// stopped or out of time. After a crash it goes on with what is there, or says that nothing is left.

import { keptEnvironment } from '../../../build/breakpoint.ts'
import { Detached } from '../../../build/build.ts'
import type { Scope } from '../../../core/scope.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Sandbox, SandboxProvider } from '../../../sandbox/sandbox.ts'
import { logStreamOf } from '../shape.ts'
import { openLog, sandboxName, workOn } from '../worker/buildRun.ts'
import { sessionName } from '../worker/credentials.ts'
import { buildToken, type CredentialsEndpoint } from '../worker/credentialsEndpoint.ts'
import { createLogSink, storeLog } from '../worker/logSink.ts'
import { advanceLockedSandbox, advanceSandbox } from './advance.ts'
import { type CommandRow, endCommand, openCommands, saveCommandProgress } from './commands.ts'
import { isReady } from './machine.ts'
import { runCommand } from './runCommand.ts'
import {
  findSandbox,
  forgetSandboxLeases,
  nextSandbox,
  renewSandboxLeases,
  SANDBOX_CHANNEL,
  type SandboxRow,
  sandboxKey,
} from './sandboxes.ts'
import { asBuild, commandStream } from './shape.ts'

export interface RunnerParts {
  openCall(scope: Scope): OpenCall
  /** The process's own scope. */
  readonly own: Scope
  readonly owner: string
  /** Machine and data directory: where environments made here are found again. */
  readonly place: string
  /** Nobody else works on this database. */
  readonly alone: boolean
  /** Sandboxes at once. */
  readonly slots: number
  readonly secret: string
  readonly labels: Readonly<Record<string, string>>
  readonly credentials: CredentialsEndpoint
  sandboxes(call: OpenCall, chosen: (reason: string) => void | Promise<void>): SandboxProvider
  endpointIn(call: OpenCall, sandbox: Sandbox): Promise<string | undefined>
  remove(removal: () => Promise<void>): Promise<void>
  readonly sweepMs: number
}

const LEASE_MS = 30_000
const HELD_MS = 30_000
/** How long a sandbox waits for a builder to come back to where its environment is. */
const LOST_MS = 60_000
/** Commands of one sandbox at once; more wait. */
const COMMANDS_AT_ONCE = 20

interface Held {
  readonly row: SandboxRow
  readonly control: AbortController
  readonly over: Promise<void>
  readonly commands: Map<string, Promise<void>>
}

export async function startSandboxRunner(parts: RunnerParts): Promise<{ stop(): Promise<void> }> {
  const { openCall, own, owner, place } = parts
  const held = new Map<string, Held>()
  let stopping = false
  let pumping: Promise<void> | undefined
  let again = false
  if (parts.alone) await openCall(own).transaction(({ tx }) => forgetSandboxLeases(tx))

  const take = () =>
    openCall(own).transaction(async call => {
      const now = call.now.getTime()
      const found = await nextSandbox(call.tx, { now: call.now, place, lostBefore: new Date(now - LOST_MS) })
      return (
        found &&
        (await advanceLockedSandbox(call, found, { type: 'leased', owner, until: new Date(now + LEASE_MS), place }))
      )
    })
  const pump = async () => {
    while (!stopping && held.size < parts.slots) {
      const taken = await take()
      if (!taken) return
      if (taken.status === 'IN_PROGRESS' && !held.has(sandboxKey(taken))) begin(taken)
    }
  }
  const wake = () => {
    if (stopping) return
    again = true
    pumping ??= (async () => {
      while (again) {
        again = false
        await pump().catch(error => openCall(own).log.error({ err: error }, 'no sandbox could be taken'))
      }
      pumping = undefined
    })()
  }

  function begin(row: SandboxRow) {
    const key = sandboxKey(row)
    const control = new AbortController()
    const over = hold(row, control)
      .catch(error => {
        if (!(error instanceof Detached))
          openCall(row).log.error({ err: error, sandbox: row.id }, 'a sandbox was left alone')
      })
      .finally(() => {
        held.delete(key)
        wake()
      })
    held.set(key, { row, control, over, commands: new Map() })
    quietly(() => look(key))
  }

  async function hold(row: SandboxRow, control: AbortController) {
    const start = row.progress.phases.find(({ phase }) => phase === 'PROVISIONING')?.start ?? row.requested_at
    const deadline = start.getTime() + (row.definition.timeoutInMinutes ?? 60) * 60_000
    if (row.stop_requested) control.abort('STOPPED')
    const left = Math.max(0, deadline - openCall(row).now.getTime())
    const timer = setTimeout(() => control.abort('TIMED_OUT'), left)
    try {
      await workOn(asBuild(row), {
        call: () => openCall(row),
        sandboxes: chosen => parts.sandboxes(openCall(row), chosen),
        endpointIn: sandbox => parts.endpointIn(openCall(row), sandbox),
        credentials: parts.credentials,
        token: buildToken(parts.secret, sandboxKey(row)),
        owner,
        labels: parts.labels,
        remove: parts.remove,
        signal: control.signal,
        held: {
          async save(progress) {
            await openCall(row).transaction(call =>
              advanceSandbox(call, row.id, { type: 'progressed', owner, progress }),
            )
          },
        },
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Something of a sandbox that is held here has changed. */
  async function look(key: string) {
    const one = held.get(key)
    if (!one || one.control.signal.aborted) return
    const { row, commands } = one
    const current = await openCall(row).read(({ tx }) => findSandbox(tx, row, row.id))
    if (current?.stop_requested) return one.control.abort('STOPPED')
    if (!current || !isReady(current)) return
    const waiting = await openCall(row).read(({ tx }) => openCommands(tx, row, row.id, 2 * COMMANDS_AT_ONCE))
    const sandbox = waiting.length > 0 ? await environmentOf(row) : undefined
    for (const command of waiting) {
      if (!sandbox || commands.has(command.id) || commands.size >= COMMANDS_AT_ONCE) continue
      const work = execute(current, command, sandbox, one.control.signal)
        .catch(error => openCall(row).log.error({ err: error, command: command.id }, 'a command was left alone'))
        .finally(() => {
          commands.delete(command.id)
          quietly(() => look(key))
        })
      commands.set(command.id, work)
    }
  }

  /** Undefined when it is gone: what holds it finds that out and says so. */
  const environmentOf = (row: SandboxRow) =>
    parts.sandboxes(openCall(row), () => {}).attach(sandboxName(row.id.split(':')[1]!))

  async function execute(row: SandboxRow, command: CommandRow, sandbox: Sandbox, signal: AbortSignal) {
    const call = () => openCall(row)
    const warn = (error: unknown) => call().log.warn({ err: error, command: command.id }, 'a command has no log')
    // It is written when the environment begins to be held, a moment after the sandbox is known to be ready.
    const kept = await keptEnvironment(sandbox, HELD_MS)
    if (!kept && !signal.aborted) throw new Error('the environment of the sandbox is not there')
    if (!kept) return
    const sink = await commandSink(row, command, warn)
    const end = await runCommand(command, {
      sandbox,
      kept,
      sink,
      saved: readTo => call().transaction(({ tx, now }) => saveCommandProgress(tx, command, now, readTo)),
      now: () => call().now,
      signal,
    })
    if (end) await call().transaction(({ tx, now }) => endCommand(tx, command, now, end))
  }

  async function commandSink(row: SandboxRow, command: CommandRow, warn: (error: unknown) => void) {
    const build = asBuild(row)
    const place = logStreamOf(build)
    const invoke = () => openCall(row).as(row.definition.serviceRole!, sessionName(build)).invoke
    const stream = place && { group: place.group, stream: commandStream(place.stream, command.id) }
    if (stream) await openLog(invoke(), stream, build).catch(warn)
    return createLogSink(
      async batch => {
        if (stream) await storeLog(invoke(), stream, batch)
      },
      () => openCall(row).now,
      error => {
        warn(error)
        return false
      },
    )
  }

  const beat = async () => {
    const before = [...held.values()]
    const until = new Date(openCall(own).now.getTime() + LEASE_MS)
    const kept = await openCall(own).transaction(({ tx }) => renewSandboxLeases(tx, owner, until))
    for (const { row, control } of before) {
      if (kept.has(sandboxKey(row)) || control.signal.aborted) continue
      const current = await openCall(row).read(({ tx }) => findSandbox(tx, row, row.id))
      if (current?.status === 'IN_PROGRESS' && current.lease_owner !== owner) control.abort('DETACHED')
    }
    wake()
  }
  const quietly = (work: () => Promise<unknown>) =>
    void work().catch(error => openCall(own).log.warn({ err: error }, 'sandboxes had a problem'))

  const unlisten = await openCall(own).listen(SANDBOX_CHANNEL, key => {
    wake()
    // An empty payload: notifications may have been missed.
    for (const one of key === '' ? [...held.keys()] : [key]) quietly(() => look(one))
  })
  const timer = setInterval(() => quietly(beat), parts.sweepMs)
  wake()
  return {
    async stop() {
      stopping = true
      clearInterval(timer)
      await unlisten()
      await pumping
      const left = [...held.values()]
      for (const { control } of left) control.abort('DETACHED')
      await Promise.all(left.flatMap(({ over, commands }) => [over, ...commands.values()]))
      for (const { row } of left) {
        await openCall(row).transaction(call => advanceSandbox(call, row.id, { type: 'released', owner }))
      }
    },
  }
}
