// Time is injected: the process's clock in production, a hand-set one in tests.

export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock for tests: stands still until it is set or advanced. */
export function manualClock(start: Date | string = '2026-01-01T00:00:00Z') {
  let current = new Date(start)
  return {
    now: () => new Date(current),
    set(to: Date | string) {
      current = new Date(to)
    },
    /** Moves on by `milliseconds`. */
    advance(milliseconds: number) {
      current = new Date(current.getTime() + milliseconds)
    },
  }
}
