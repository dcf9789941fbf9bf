// The builder: takes queued builds one after the other by lease, as many at once as it has slots, woken by notification.
// A lease lasts as long as its builder lives; what a dead one leaves is gone on with by a builder of the same place, or given up.

import { availableParallelism, hostname } from 'node:os'
import { resolve } from 'node:path'
import { Detached } from '../../../build/build.ts'
import type { Scope } from '../../../core/scope.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Worker } from '../../../operation/service.ts'
import { reap } from '../../../sandbox/reap.ts'
import type { Sandbox, SandboxProvider } from '../../../sandbox/sandbox.ts'
import { notify } from '../../../store/tx.ts'
import { advance, advanceLocked } from '../advance.ts'
import { buildKey, INTERRUPT_CHANNEL, QUEUE_CHANNEL } from '../announce.ts'
import { type BuildRow, findBuild, houseOf, isOpenBuild } from '../builds.ts'
import { type BuilderAbout, forgetOthers } from '../fleets/builders.ts'
import { giveUpLost } from '../fleets/lost.ts'
import { openPresence } from '../fleets/presence.ts'
import { buildsHeldBy, takeAdrift, takeBuild, wakeOthers } from '../fleets/queue.ts'
import { startSandboxRunner } from '../sandboxes/runner.ts'
import { isOpenSandbox } from '../sandboxes/sandboxes.ts'
import { sandboxName, workOn } from './buildRun.ts'
import { buildToken, openCredentialsEndpoint } from './credentialsEndpoint.ts'
import { createDiskGuard } from './diskGuard.ts'
import { createRemovals } from './removals.ts'
import { clearS3Logs } from './s3Log.ts'

const REAP_MS = 60_000

export interface BuilderOptions {
  /** Where builds run; `chosen` hears a sentence for the log. */
  sandboxes(call: OpenCall, chosen: (reason: string) => void | Promise<void>): SandboxProvider
  endpointIn(call: OpenCall, sandbox: Sandbox): Promise<string | undefined>
  /** Makes the address where SDKs in containers look for credentials one of this machine; false where that can not be. */
  openToContainers?(call: OpenCall): Promise<boolean>
  /** Gives back what was kept ready for builds. */
  close?(): Promise<void>
  /** Builds at once; without it what the process was started with, or the processors. */
  readonly parallelism?: number
  /** How often it looks without being woken. */
  readonly sweepMs?: number
  /** How often what builds use is measured; a minute without it. */
  readonly measureMs?: number
}

interface Running {
  readonly row: BuildRow
  readonly control: AbortController
  readonly over: Promise<void>
}

export function createBuilder(options: BuilderOptions): Worker {
  const { sweepMs = 5_000 } = options
  return {
    role: 'build',
    async start(openCall) {
      // Rows of all accounts and regions are taken; this scope only stands for the process itself.
      const { config } = openCall({ account: '000000000000', region: 'us-east-1' })
      const own: Scope = { account: config.account, region: config.region }
      const parallelism = options.parallelism ?? config.slots ?? availableParallelism()
      const owner = openCall(own).ids.uuid()
      const house = await openCall(own).read(call => houseOf(call.tx))
      const labels = { 'codeyard.house': house.id }
      const credentials = await openCredentialsEndpoint({
        dataDir: openCall(own).config.dataDir,
        openToContainers: async () => (await options.openToContainers?.(openCall(own))) ?? false,
      })
      const running = new Map<string, Running>()
      const removals = createRemovals(parallelism, error =>
        openCall(own).log.warn({ err: error }, 'the sandbox of a build that is over would not go'),
      )
      // The embedded database has one process at a time: who leased before us is dead, and nobody has to wait for the leases to end.
      if (config.databaseUrl === undefined) await openCall(own).transaction(call => forgetOthers(call.tx))
      const about: BuilderAbout = {
        owner,
        host: hostname(),
        pid: process.pid,
        place: `${hostname()}:${resolve(config.dataDir)}`,
        fleets: config.fleets ?? [],
        slots: parallelism,
      }
      const disk = createDiskGuard()
      /** Nobody can see this builder: it begins nothing, and what it had has ended. */
      let cutOff = false
      const presence = await openPresence(() => openCall(own), about, {
        alone: config.databaseUrl === undefined,
        cutOff() {
          cutOff = true
          const builds = running.size
          openCall(own).log.warn({ builds }, 'the database is out of reach: the builds of this builder end here')
          for (const { control } of running.values()) control.abort('CUT_OFF')
          for (const row of letGo.values()) quietly(() => endNow(row))()
        },
        back() {
          cutOff = false
          openCall(own).log.info('the database is within reach again')
          wake()
        },
      })
      const sandboxes = await startSandboxRunner({
        openCall,
        own,
        owner,
        place: about.place,
        alone: config.databaseUrl === undefined,
        slots: parallelism,
        secret: house.secret,
        labels,
        credentials,
        sandboxes: options.sandboxes,
        endpointIn: options.endpointIn,
        remove: removals.add,
        sweepMs,
      })
      let stopping = false
      let pumping: Promise<void> | undefined
      let again = false

      // A builder before this one may have died here.
      let adrift = true
      /** Of the build that was taken last: the next one is likely to be of the same. */
      let likely = own
      const isOf = (row: Scope, scope: Scope) => row.account === scope.account && row.region === scope.region
      /** One transaction for a build, two for the first of another account or region. */
      const take = async (): Promise<BuildRow | undefined> => {
        const row = await openCall(likely).transaction(async call => {
          const left = adrift ? await takeAdrift(call.tx, about, [...running.keys()]) : undefined
          if (!left) adrift = false
          const found = left ?? (await takeBuild(call.tx, about))
          return found && isOf(found, call.scope) ? await advanceLocked(call, found, { type: 'leased', owner }) : found
        })
        if (!row || isOf(row, likely)) return row
        likely = { account: row.account, region: row.region }
        return await openCall(likely).transaction(call => advance(call, row.id, { type: 'leased', owner }))
      }
      const pump = async () => {
        while (!stopping && !cutOff && running.size < parallelism) {
          const taken = await take()
          if (!taken) return
          if (taken.status === 'IN_PROGRESS') begin(taken)
          if (about.fleets.length > 0) quietly(tellOthers)() // its fleet may be full now
        }
      }
      const tellOthers = () => openCall(own).read(call => wakeOthers(call.tx))
      const wake = () => {
        if (stopping) return
        again = true
        pumping ??= (async () => {
          while (again) {
            again = false
            await pump().catch(error => openCall(own).log.error({ err: error }, 'the builder could not take a build'))
          }
          pumping = undefined
        })()
      }
      const begin = (taken: BuildRow) => {
        const scope = { account: taken.account, region: taken.region }
        const key = buildKey(taken)
        const control = new AbortController()
        letGo.delete(key)
        const over = work(taken, scope, control)
          .catch(error => {
            letGo.set(key, taken)
            if (!(error instanceof Detached))
              openCall(scope).log.error({ err: error, build: taken.id }, 'a build was left alone')
          })
          .finally(() => {
            running.delete(key)
            wake()
            if (!stopping) quietly(tellOthers)()
          })
        running.set(key, { row: taken, control, over })
        if (early.delete(key)) quietly(() => look(key))()
      }
      const work = async (row: BuildRow, scope: Scope, control: AbortController) => {
        const start = row.progress.phases.find(phase => phase.phase === 'PROVISIONING')?.start ?? row.started_at
        const deadline = start.getTime() + (row.definition.timeoutInMinutes ?? 60) * 60_000
        if (row.stop_requested) control.abort('STOPPED')
        const timer = setTimeout(
          () => control.abort('TIMED_OUT'),
          Math.max(0, deadline - openCall(scope).now.getTime()),
        )
        try {
          await workOn(row, {
            call: () => openCall(scope),
            sandboxes: chosen => options.sandboxes(openCall(scope), chosen),
            endpointIn: sandbox => options.endpointIn(openCall(scope), sandbox),
            credentials,
            token: buildToken(house.secret, buildKey(row)),
            owner,
            labels,
            remove: removals.add,
            signal: control.signal,
            disk,
            ...(options.measureMs && { measureMs: options.measureMs }),
          })
        } finally {
          clearTimeout(timer)
        }
      }
      /** Interrupts of builds that this builder has not, or is only just taking: the lease's commit and the notification race. */
      const early = new Set<string>()
      const look = async (key: string) => {
        const held = running.get(key)
        if (!held) {
          early.add(key)
          return
        }
        const row = await openCall(held.row).read(call => findBuild(call.tx, held.row, held.row.id))
        if (row?.stop_requested) held.control.abort('STOPPED')
      }
      /** Builds that this process does not follow any more although they are not over: their commands may run on. */
      const letGo = new Map<string, BuildRow>()
      const endNow = async ({ id }: BuildRow) => {
        const provider = options.sandboxes(openCall(own), () => {})
        await (await provider.attach(sandboxName(id.split(':')[1]!)))?.destroy()
      }
      let idleBefore = new Set<string>()
      const giveBack = async (key: string) => {
        const [account = '', region = '', ...id] = key.split('/')
        await openCall({ account, region }).transaction(async call => {
          await advance(call, id.join('/'), { type: 'released', owner })
          await notify(call.tx, QUEUE_CHANNEL, 'adrift')
        })
      }
      /** Looks for leases that were taken away, and for builds that nobody can go on with. */
      const heartbeat = async () => {
        const before = [...running.values()]
        const held = await openCall(own).read(call => buildsHeldBy(call.tx, owner))
        // Leased, but not worked on, twice in a row: an answer got lost, or the work ended without a word. Taken up anew.
        const idle = [...held.keys()].filter(key => !running.has(key))
        for (const key of idle.filter(key => idleBefore.has(key))) await giveBack(key)
        idleBefore = new Set(idle)
        early.clear()
        for (const { row, control } of before) {
          const lease = held.get(buildKey(row))
          if (!lease) await lost(row, control)
          else if (lease.stopRequested) control.abort('STOPPED') // a notification that did not arrive
        }
        await giveUpLost(openCall, own)
        for (const [key, row] of letGo) {
          const current = await openCall(row).read(call => findBuild(call.tx, row, row.id))
          const others = current?.lease_owner !== null && current?.lease_owner !== owner
          if (current?.status !== 'IN_PROGRESS' || others) letGo.delete(key)
        }
      }
      // Another builder has the build, or it is over.
      const lost = async (row: BuildRow, control: AbortController) => {
        const current = await openCall(row).read(call => findBuild(call.tx, row, row.id))
        if (current?.status === 'IN_PROGRESS' && current.lease_owner !== owner) control.abort('DETACHED')
      }

      // What a crash left behind: sandboxes of builds that are over.
      const reapLeftovers = async () => {
        const call = openCall(own)
        const provider = options.sandboxes(call, () => {})
        const prefix = sandboxName('')
        const { failed } = await reap(provider, labels, name =>
          call.read(async ({ tx }) => {
            const uuid = name.slice(prefix.length)
            return (await isOpenBuild(tx, uuid)) || (await isOpenSandbox(tx, uuid))
          }),
        )
        await clearS3Logs(config.dataDir, uuid =>
          call.read(async ({ tx }) => (await isOpenBuild(tx, uuid)) || (await isOpenSandbox(tx, uuid))),
        )
        for (const { name, error } of failed) call.log.warn({ err: error, sandbox: name }, 'a leftover would not go')
      }
      const quietly = (work: () => Promise<void>) => () =>
        void work().catch(error => openCall(own).log.warn({ err: error }, 'the builder had a problem'))
      const listener = openCall(own)
      const unlisten = await Promise.all([
        listener.listen(QUEUE_CHANNEL, what => {
          if (what !== '') adrift = true
          wake()
        }),
        listener.listen(INTERRUPT_CHANNEL, key =>
          quietly(async () => {
            // An empty payload: notifications may have been missed.
            for (const one of key === '' ? [...running.keys()] : [key]) await look(one)
          })(),
        ),
      ])
      const sweep = setInterval(() => {
        adrift = true
        wake()
      }, sweepMs)
      const beat = setInterval(quietly(heartbeat), sweepMs)
      wake()
      quietly(reapLeftovers)()
      const reaping = setInterval(quietly(reapLeftovers), REAP_MS)
      return async () => {
        clearInterval(reaping)
        stopping = true
        clearInterval(sweep)
        clearInterval(beat)
        await Promise.all(unlisten.map(stop => stop()))
        await pumping
        const left = [...running.values()]
        for (const { control } of left) control.abort('DETACHED')
        await Promise.all(left.map(({ over }) => over))
        await sandboxes.stop()
        await removals.settled()
        await credentials.close()
        await options.close?.()
        // Free at once for the next builder.
        for (const { row } of left) {
          await openCall(row).transaction(call => advance(call, row.id, { type: 'released', owner }))
        }
        await presence.close()
      }
    },
  }
}
