// Waiting in tests: for what is asked for, never for time.

import { setTimeout as delay } from 'node:timers/promises'

/** What `what` answers once it is something; rejects after so many seconds without. */
export async function until<T>(what: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
  for (const end = performance.now() + seconds * 1000; ; await delay(10)) {
    const value = await what()
    if (value) return value
    if (performance.now() > end) throw new Error('it never happened')
  }
}
