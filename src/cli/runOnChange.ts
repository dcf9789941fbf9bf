// Runs something again whenever files change: a change ends the run that is under way, and several changes together are one.

import { setTimeout as delay } from 'node:timers/promises'
import { watchChanges } from './changes.ts'

export interface RunOnChange {
  readonly directory: string
  readonly except: readonly string[]
  /** Ends early, and resolves, when the signal is aborted. */
  run(signal: AbortSignal): Promise<unknown>
  say(line: string): void
  /** Ends everything. */
  readonly signal: AbortSignal
}

/** Silence after which a change is complete; editors write a file in several steps. */
const QUIET_MS = 200
const NAMED = 5

/** Resolves when the signal is aborted and nothing runs any more; rejects when files can not be watched. */
export async function runOnChange(options: RunOnChange): Promise<void> {
  const { signal } = options
  const changed = new Set<string>()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let last = 0
  let bell = Promise.withResolvers<void>()
  const stop = await watchChanges({
    directory: options.directory,
    except: options.except,
    changed(path) {
      changed.add(path)
      last = performance.now()
      bell.resolve()
    },
    failed: error => failure.reject(error),
  })
  const stopped = new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  try {
    while (!signal.aborted) {
      const control = new AbortController()
      const running = options
        .run(AbortSignal.any([signal, control.signal]))
        .catch(error => options.say(String((error as Error).message)))
      void running.then(
        () => !signal.aborted && !control.signal.aborted && options.say('Waiting for changes (Ctrl-C ends) ...'),
      )
      try {
        await Promise.race([bell.promise, stopped, failure.promise])
        while (!signal.aborted && performance.now() - last < QUIET_MS) await delay(QUIET_MS / 4)
      } finally {
        control.abort('STOPPED')
        await running
      }
      if (signal.aborted) return
      const names = [...changed].sort()
      changed.clear()
      bell = Promise.withResolvers()
      const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
      options.say(`Changed: ${names.slice(0, NAMED).join(', ')}${more}`)
    }
  } finally {
    stop()
  }
}
