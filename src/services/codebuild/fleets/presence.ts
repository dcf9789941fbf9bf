// This builder's presence: a row and an advisory lock on a connection of its own, and the look for builders that died. A killed process
// loses its lock at once, so that its builds are free again after two looks and not when a lease runs out.
//
// A builder that is cut off from the database while it lives fences itself: others may begin its builds again `lost_after` seconds after
// its lock was gone, so when it could not be sure of its lock for half of that, it ends them.

import { setTimeout as delay } from 'node:timers/promises'
import type { OpenCall } from '../../../operation/call.ts'
import type { Tx } from '../../../store/tx.ts'
import {
  type BuilderAbout,
  buryBuilder,
  lockBuilder,
  nextId,
  seeBuilder,
  silentBuilders,
  unlockBuilder,
} from './builders.ts'
import { lostAfterOf } from './lost.ts'

const LOOK_MS = 1_000
/** Every so many looks the row is renewed. */
const RENEW = 5
const AGAIN_MS = 250
const GUARD_MS = 250

export interface Presence {
  /** Ends it; its builds must have been given back before. */
  close(): Promise<void>
}

export interface PresenceOptions {
  /** Nobody else uses the database: being cut off from it endangers nothing. */
  readonly alone: boolean
  /** The builder's builds have to end now: soon others may begin them again. */
  cutOff(): void
  /** After that: the builder has its lock again. */
  back(): void
}

/** Resolves when the builder can be seen. `call` answers a fresh call. */
export async function openPresence(
  call: () => OpenCall,
  about: BuilderAbout,
  { alone, cutOff, back }: PresenceOptions,
): Promise<Presence> {
  const closing = new AbortController()
  const seen = Promise.withResolvers<void>()
  /** Taken for dead by the last look; by two in a row they are. */
  let suspects = new Set<number>()
  /** When the lock was held for certain, and for how many ms that is good. */
  let certain = performance.now()
  let goodFor = Number.POSITIVE_INFINITY
  let cut = false
  const look = async (tx: Tx, id: number) => {
    const silent = await silentBuilders(tx, id)
    for (const dead of silent.filter(one => suspects.has(one))) {
      const builds = await call().transaction(inner => buryBuilder(inner.tx, dead))
      if (builds > 0) call().log.warn({ builds }, 'builds of a builder that died are free')
    }
    suspects = new Set(silent)
  }
  const hold = async (tx: Tx) => {
    suspects = new Set() // the others may have lost their connections as well
    const id = await nextId(tx)
    await lockBuilder(tx, id)
    for (let looks = 0; !closing.signal.aborted; looks++) {
      // The question's time, not the answer's: it is the time for which the answer is true.
      const asked = performance.now()
      if (looks % RENEW === 0) {
        await seeBuilder(tx, id, about)
        goodFor = alone ? Number.POSITIVE_INFINITY : ((await lostAfterOf(tx)) * 1000) / 2
      }
      seen.resolve()
      await look(tx, id)
      certain = asked
      if (cut) {
        cut = false
        back()
      }
      await delay(LOOK_MS, undefined, { signal: closing.signal }).catch(() => {})
    }
    await unlockBuilder(tx, id)
  }
  const guard = setInterval(() => {
    if (cut || performance.now() - certain < goodFor) return
    cut = true
    cutOff()
  }, GUARD_MS)
  const over = (async () => {
    while (!closing.signal.aborted) {
      try {
        await call().read(({ tx }) => hold(tx))
      } catch (error) {
        if (closing.signal.aborted) return
        call().log.warn({ err: error }, 'the presence of this builder was interrupted')
        await delay(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  })()
  await Promise.race([seen.promise, over])
  return {
    async close() {
      clearInterval(guard)
      closing.abort()
      await over
    },
  }
}
