// This builder's presence: a row and an advisory lock on a connection of its own, and the look for builders that died. A killed process
// loses its lock at once, so that its builds are free again after two looks and not when a lease runs out.

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

const LOOK_MS = 1_000
/** Every so many looks the row is renewed. */
const RENEW = 5
const AGAIN_MS = 250

export interface Presence {
  /** Ends it; its builds must have been given back before. */
  close(): Promise<void>
}

/** Resolves when the builder can be seen. `call` answers a fresh call. */
export async function openPresence(call: () => OpenCall, about: BuilderAbout): Promise<Presence> {
  const closing = new AbortController()
  const seen = Promise.withResolvers<void>()
  const id = await call().read(({ tx }) => nextId(tx))
  /** Taken for dead by the last look; by two in a row they are. */
  let suspects = new Set<number>()
  const look = async (tx: Tx) => {
    const silent = await silentBuilders(tx, id)
    for (const dead of silent.filter(one => suspects.has(one))) {
      const builds = await call().transaction(inner => buryBuilder(inner.tx, dead))
      if (builds > 0) call().log.warn({ builds }, 'builds of a builder that died are free')
    }
    suspects = new Set(silent)
  }
  const hold = async (tx: Tx) => {
    await lockBuilder(tx, id)
    for (let looks = 0; !closing.signal.aborted; looks++) {
      if (looks % RENEW === 0) await seeBuilder(tx, id, about)
      seen.resolve()
      await look(tx)
      await delay(LOOK_MS, undefined, { signal: closing.signal }).catch(() => {})
    }
    await unlockBuilder(tx, id)
  }
  const over = (async () => {
    while (!closing.signal.aborted) {
      try {
        await call().read(({ tx }) => hold(tx))
      } catch (error) {
        if (closing.signal.aborted) return
        suspects = new Set() // the others lost their connections as well
        call().log.warn({ err: error }, 'the presence of this builder was interrupted')
        await delay(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  })()
  await Promise.race([seen.promise, over])
  return {
    async close() {
      closing.abort()
      await over
    },
  }
}
