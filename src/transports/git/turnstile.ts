// Packing is heavy: only so many at once, the others wait their turn, but not for ever.

export interface Turnstile {
  /** Resolves with `leave` when it is one's turn; undefined when it took longer than the patience or `signal` gave up. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>
}

export function turnstile(places: number, patienceMs: number): Turnstile {
  let free = places
  const waiting: (() => void)[] = []

  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  /** Leaving twice is leaving once. */
  const ticket = () => {
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }

  return {
    async enter(signal) {
      if (signal.aborted) return undefined
      if (free > 0) {
        free--
        return ticket()
      }
      return new Promise(resolve => {
        const done = (answer: (() => void) | undefined) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          const at = waiting.indexOf(mine)
          if (at >= 0) waiting.splice(at, 1)
          resolve(answer)
        }
        const mine = () => done(ticket())
        const giveUp = () => done(undefined)
        const timer = setTimeout(giveUp, patienceMs)
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.push(mine)
      })
    },
  }
}
