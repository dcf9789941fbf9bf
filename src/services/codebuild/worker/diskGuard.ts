// Keeps builds from filling the disk that the house lives on, where no file system keeps them by a quota: one that takes more than its compute
// type has is ended, and when the disk itself is nearly full, the largest. Files are counted when the free space says that it can matter; at the
// first look and now and then also without: what was written before it, or while others removed as much, is not seen in the free space.

import type { Sandbox } from '../../../sandbox/sandbox.ts'

const LOOK_MS = 2_000
/** Of the disk; below it nothing of the house can be kept for long. */
const RESERVE = 1_000_000_000
/** A build that takes less is not to blame for a full disk. */
const INNOCENT = 100_000_000
/** What others wrote or removed meanwhile is not known: a build's growth is looked for after so much of its room. */
const SHARE = 0.5
const RECOUNT_MS = 30_000

interface Guarded {
  sandbox(): Sandbox | undefined
  readonly limit: number
  end(message: string): void
  failed(error: unknown): void
  used: number
  /** Free bytes when `used` was counted, or more since. */
  free: number
  /** When, by the clock of `performance`. */
  counted: number
  ended: boolean
}

export interface DiskGuard {
  /** Looks after a build until the answer is called; `end` is called at most once, with the reason for people. */
  watch(build: Pick<Guarded, 'sandbox' | 'limit' | 'end' | 'failed'>): () => void
}

export function createDiskGuard(lookMs = LOOK_MS, reserve = RESERVE, recountMs = RECOUNT_MS): DiskGuard {
  const builds = new Set<Guarded>()
  let timer: NodeJS.Timeout | undefined
  let looking = false

  const look = async () => {
    const low: Guarded[] = []
    for (const build of builds) {
      const sandbox = build.sandbox()
      if (build.ended || !sandbox?.freeDisk || !sandbox.usedDisk) continue
      try {
        const free = await sandbox.freeDisk()
        if (free === undefined) continue
        const grown = build.free - free
        const stale = performance.now() - build.counted > recountMs
        if (stale || grown > SHARE * (build.limit - build.used) || free < reserve) {
          build.used = await sandbox.usedDisk()
          build.free = free
          build.counted = performance.now()
        }
        build.free = Math.max(build.free, free)
        if (build.used > build.limit) end(build, `the build environment has ${size(build.limit)}`)
        else if (free < reserve) low.push(build)
      } catch (error) {
        // The sandbox is going, or its engine is busy.
        build.failed(error)
      }
    }
    // What was ended is still being removed.
    if ([...builds].some(({ ended }) => ended)) return
    const largest = low.sort((a, b) => b.used - a.used)[0]
    if (largest && largest.used > INNOCENT) end(largest, 'the disk of the machine that runs it is full')
  }
  const end = (build: Guarded, why: string) => {
    build.ended = true
    build.end(`The build took ${size(build.used)} of disk space: ${why}.`)
  }
  const tick = () => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  }
  return {
    watch(parts) {
      const build: Guarded = { ...parts, used: 0, free: 0, counted: -Infinity, ended: false }
      builds.add(build)
      timer ??= setInterval(tick, lookMs).unref()
      return () => {
        builds.delete(build)
        if (builds.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

const size = (bytes: number) => (bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`)
