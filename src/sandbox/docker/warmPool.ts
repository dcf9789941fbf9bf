// Containers that are started before anybody needs them, so that a build begins at once. Each is used by one build only: to be taken means to
// be renamed to the build's sandbox, and from then on it is like any other.

import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import type { SandboxSpec } from '../sandbox.ts'
import { engineStatus } from './engine.ts'

/** On every container that was made for a pool: whose. */
export const POOL_LABEL = 'codeyard.pool'
/** Until it is taken, a container's name begins so. */
export const POOL_NAME = 'pool-'
/** Labels of one build: what waits in a pool can not have them. */
const OWN_LABELS = ['codeyard.build']

/** An image that was not used for this long is not kept warm. */
const IDLE_MS = 10 * 60_000
/** Takes of this last while are the demand. */
const DEMAND_MS = 10_000
/** A take's own work comes first, also the large transfers that builds begin with: a start takes a quarter of a second of all processors. */
const REFILL_MS = 200
/** Transfers that follow each other for so long do not keep a pool empty. */
const POSTPONED_MS = 10_000
/** Nobody keeps a container waiting for so long: its owner is gone for good. */
const FOREIGN_MS = 60 * 60_000

export interface PoolOptions {
  /** Who keeps it, the same after a crash: what the one before left waiting is removed. */
  readonly owner: string
  /** At most so many wait for one image. */
  readonly perImage?: number
  readonly idleMs?: number
}

export interface PoolPorts {
  readonly docker: Docker
  /** Creates and starts a container of a spec; a pool's labels are in it. */
  prepare(spec: SandboxSpec & { readonly image: string }): Promise<Docker.Container>
  /** Whether a large transfer runs. */
  busy(): boolean
  readonly prefix: string
}

export interface WarmPool {
  /** A started container that nobody used, now named after the spec's sandbox; undefined when none waits. */
  take(spec: SandboxSpec & { readonly image: string }): Promise<Docker.Container | undefined>
  /** How many wait. */
  waiting(): number
  /** Removes all that wait. */
  close(): Promise<void>
}

interface Shelf {
  readonly spec: SandboxSpec & { readonly image: string }
  readonly ready: { readonly container: Docker.Container; readonly imageId: string; readonly since: number }[]
  preparing: Promise<void> | undefined
  takes: number[]
}

export function createWarmPool(options: PoolOptions, { docker, prepare, busy, prefix }: PoolPorts): WarmPool {
  const { owner, perImage = 2, idleMs = IDLE_MS } = options
  const shelves = new Map<string, Shelf>()
  const timers = new Set<NodeJS.Timeout>()
  let closed = false

  const later = (milliseconds: number, work: () => void) => {
    if (closed) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, milliseconds).unref()
    timers.add(timer)
  }
  const remove = (container: Docker.Container) =>
    container.remove({ force: true, v: true }).catch(error => {
      if (engineStatus(error) !== 404 && engineStatus(error) !== 409) throw error
    })

  /** What a crash left waiting: of this owner all, of others those that are too old to belong to somebody alive. */
  async function removeLeftovers() {
    for (const { Id, Names, Labels, Created } of await docker.listContainers({
      all: true,
      filters: { label: [POOL_LABEL] },
    })) {
      if (!Names.some(name => name.startsWith(`/${prefix}${POOL_NAME}`))) continue
      if (Labels[POOL_LABEL] === owner || Date.now() - Created * 1000 > FOREIGN_MS)
        await remove(docker.getContainer(Id)).catch(() => {})
    }
  }

  // An engine that does not answer has nothing to remove, or keeps it for the next start.
  const leftovers = removeLeftovers().catch(() => {})

  function wanted({ takes }: Shelf, now: number): number {
    const last = takes.at(-1) ?? 0
    if (now - last > idleMs) return 0
    return Math.min(perImage, Math.max(1, takes.filter(at => now - at < DEMAND_MS).length))
  }

  function refill(shelf: Shelf) {
    if (closed || shelf.preparing || shelf.ready.length >= wanted(shelf, performance.now())) return
    shelf.preparing = leftovers
      .then(async () => {
        const { image } = shelf.spec
        const { Id: imageId } = await docker.getImage(image).inspect()
        const container = await prepare({ ...shelf.spec, name: `${POOL_NAME}${randomBytes(8).toString('hex')}` })
        if (closed) await remove(container)
        else shelf.ready.push({ container, imageId, since: performance.now() })
      })
      .then(
        () => true,
        // Without room or without the image there is no warm start; builds say what is wrong when they are started cold.
        () => false,
      )
      .then(done => {
        shelf.preparing = undefined
        if (done) refill(shelf)
      })
  }

  function refillWhenQuiet(shelf: Shelf, postponed = 0) {
    if (busy() && postponed < POSTPONED_MS) later(REFILL_MS, () => refillWhenQuiet(shelf, postponed + REFILL_MS))
    else refill(shelf)
  }

  /** Those that wait longer than anybody asked go, and at last the shelf. */
  function shrink(key: string, shelf: Shelf) {
    const now = performance.now()
    const surplus = shelf.ready.splice(0, Math.max(0, shelf.ready.length - wanted(shelf, now)))
    for (const { container } of surplus) void remove(container).catch(() => {})
    // An empty one that is wanted is about to be refilled: forgotten, what comes then would be nobody's.
    if (wanted(shelf, now) === 0 && shelf.ready.length === 0 && !shelf.preparing) shelves.delete(key)
    else later(Math.min(idleMs, DEMAND_MS), () => shrink(key, shelf))
  }

  return {
    async take(spec) {
      if (closed || spec.privileged || Object.keys(spec.env ?? {}).length > 0) return undefined
      const labels = Object.fromEntries(Object.entries(spec.labels).filter(([name]) => !OWN_LABELS.includes(name)))
      const { image, limits } = spec
      const key = JSON.stringify([image, limits, labels])
      let shelf = shelves.get(key)
      if (!shelf) {
        const created: Shelf = {
          spec: { name: '', image, limits, labels: { ...labels, [POOL_LABEL]: owner } },
          ready: [],
          preparing: undefined,
          takes: [],
        }
        shelf = created
        shelves.set(key, created)
        later(Math.min(idleMs, DEMAND_MS), () => shrink(key, created))
      }
      const now = performance.now()
      shelf.takes = [...shelf.takes.filter(at => now - at < DEMAND_MS), now]
      if (shelf.ready.length === 0) await shelf.preparing
      const next = shelf.ready.shift()
      const kept = shelf
      later(REFILL_MS, () => refillWhenQuiet(kept))
      if (!next) return undefined
      try {
        // A tag may mean another image by now.
        const [{ Id }] = await Promise.all([
          docker.getImage(image).inspect(),
          next.container.rename({ name: `${prefix}${spec.name}` }),
        ])
        if (Id === next.imageId) return next.container
      } catch {
        // gone, or the name is taken: the usual way says what is wrong
      }
      await remove(next.container)
      return undefined
    },
    waiting: () => [...shelves.values()].reduce((sum, { ready }) => sum + ready.length, 0),
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      await leftovers
      for (const shelf of shelves.values()) {
        await shelf.preparing
        await Promise.all(shelf.ready.splice(0).map(({ container }) => remove(container).catch(() => {})))
      }
    },
  }
}
