// Reads a file that another process is writing, woken by the kernel (inotify) and not by a timer.

import { constants, type FSWatcher, watch } from 'node:fs'
import { open } from 'node:fs/promises'

const CHUNK = 65_536
/** Only the death of the writer makes no event: it is looked for at this pace, when the file is silent. */
const LIVENESS_MS = 500
/** Without inotify (its watches are used up) the file itself is looked at. */
const POLL_MS = 10

/** The bytes of `path` from `offset` on, as they come; ends when `isOver` says so and nothing more is there. */
export async function* followFile(path: string, offset: number, isOver: () => boolean): AsyncGenerator<Buffer> {
  // Links are not followed: what is in there was made by a user's commands.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  const bell = createBell(path)
  try {
    for (let at = offset, over = false; ; ) {
      bell.reset()
      const buffer = Buffer.allocUnsafe(CHUNK)
      const { bytesRead } = await file.read(buffer, 0, CHUNK, at)
      if (bytesRead > 0) {
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
        continue
      }
      if (over) return
      if ((await bell.rung()) === 'silent') over = isOver() // and then once more whatever was written before
    }
  } finally {
    bell.close()
    await file.close()
  }
}

function createBell(path: string) {
  let rang = false
  let wake: (() => void) | undefined
  let watcher: FSWatcher | undefined
  const ring = () => {
    rang = true
    wake?.()
  }
  try {
    watcher = watch(path, ring)
    watcher.on('error', () => {})
  } catch {
    watcher = undefined
  }
  return {
    reset() {
      rang = false
    },
    async rung(): Promise<'changed' | 'silent'> {
      if (rang) return 'changed'
      const { promise, resolve } = Promise.withResolvers<'changed' | 'silent'>()
      wake = () => resolve('changed')
      const timer = setTimeout(() => resolve('silent'), watcher ? LIVENESS_MS : POLL_MS)
      const why = await promise
      clearTimeout(timer)
      wake = undefined
      return why
    },
    close() {
      watcher?.close()
    },
  }
}
