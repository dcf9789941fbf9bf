// Sandboxes of builds that are over, on their way out: so many at once, all of them before the builder stops.

export interface Removals {
  /** Begins the removal; resolves when there is room for another one. */
  add(removal: () => Promise<void>): Promise<void>
  /** All that began are over. */
  settled(): Promise<void>
}

/** More than `most` would take the machine away from the builds that run. What fails is told, and reaped later. */
export function createRemovals(most: number, failed: (error: unknown) => void): Removals {
  const running = new Set<Promise<void>>()
  return {
    async add(removal) {
      const work = removal()
        .catch(failed)
        .finally(() => running.delete(work))
      running.add(work)
      if (running.size > most) await Promise.race(running)
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
