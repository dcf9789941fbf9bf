// Waits and retries with an end: nothing in the house waits for ever.

import { setTimeout as delay } from 'node:timers/promises'

/** Calls `attempt` until it neither throws a passing error nor `deadline` ms are over; waits between tries double from 25 ms to 1 s. */
export async function retryFor<T>(
  deadline: number,
  isPassing: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + deadline
  for (let pause = 25; ; pause = Math.min(pause * 2, 1000)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error) || performance.now() + pause > end) throw error
      await delay(pause)
    }
  }
}

/** Resolves as `work` does, or rejects with `message` after `milliseconds`. */
export async function within<T>(milliseconds: number, message: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  try {
    return await Promise.race([
      work,
      delay(milliseconds, undefined, { signal: timer.signal }).then(() => {
        throw new Error(message)
      }),
    ])
  } finally {
    timer.abort()
  }
}
