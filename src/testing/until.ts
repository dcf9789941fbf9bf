// Waiting in tests: for what is asked for, never for time.

import { setTimeout as delay } from 'node:timers/promises'

export interface Patience {
  readonly seconds?: number
  /** Milliseconds between two questions. */
  readonly pause?: number
  /** What there is to say when it never happened. */
  readonly otherwise?: () => string
}

type Maybe<T> = T | undefined | false

/** What `what` answers once it is something; rejects after so many seconds without. */
export async function until<T>(
  what: () => Promise<Maybe<T>> | Maybe<T>,
  { seconds = 60, pause = 10, otherwise = () => 'it never happened' }: Patience = {},
): Promise<T> {
  for (const end = performance.now() + seconds * 1000; ; await delay(pause)) {
    const value = await what()
    if (value) return value
    if (performance.now() > end) throw new Error(otherwise())
  }
}
