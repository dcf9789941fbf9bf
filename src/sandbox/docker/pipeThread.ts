// Bytes into or out of a pipe by a thread of its own, which waits in the kernel for whoever is on the other side. A pipe holds 64 KB: what an
// event loop moves stands still whenever the loop has something else to do, and the other side with it.

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { startThread } from '../../core/thread.ts'

/** What a pipe holds at most: a write of no more ends when the pipe is emptied. */
const PIPE_BYTES = 64 * 1024
const WAKE_TRIES = 100
const WAKE_MS = 10

/** Of what the threads share: set once nothing is to be moved any more; set while the thread may be in the kernel. */
const STOPPED = 0
const BUSY = 1

export interface PipeThread {
  /**
   * Writes all of `bytes`, or fills all of it; resolves with how many bytes that were: fewer when the other side has ended, none after `close`.
   * Calls are done in order. What is filled must be shared memory, as whatever is not to be copied on its way to the thread.
   */
  move(bytes: Uint8Array): Promise<number>
  /** Closes the pipe; what waits for the other side ends. Again is fine. */
  close(): void
}

/** Takes over `fd`, a pipe that was opened for `direction` and without O_NONBLOCK. */
export function pipeThread(fd: number, direction: 'read' | 'write'): PipeThread {
  const state = new Int32Array(new SharedArrayBuffer(8))
  const workerData: ThreadData = { fd, direction, state, most: PIPE_BYTES }
  const worker = startThread(moveInThread, workerData)
  const waiting: { resolve(moved: number): void; reject(error: Error): void }[] = []
  let closed = false
  const close = () => {
    if (closed) return
    closed = true
    process.off('exit', close)
    Atomics.store(state, STOPPED, 1)
    // A thread in the kernel hears nothing else, and no process ends before its threads have.
    for (let tries = 0; tries < WAKE_TRIES && Atomics.load(state, BUSY) === 1; tries++) {
      wake(fd, direction)
      Atomics.wait(state, BUSY, 1, WAKE_MS)
    }
    for (const { resolve } of waiting.splice(0)) resolve(0)
    void worker.terminate().then(() => closeSync(fd))
  }
  worker.on('message', ({ moved, error }: Moved) => {
    const move = waiting.shift()
    if (error) move?.reject(error)
    else move?.resolve(moved)
  })
  worker.on('error', error => {
    for (const { reject } of waiting.splice(0)) reject(error)
    close()
  })
  process.on('exit', close)
  return {
    move(bytes) {
      if (closed) return Promise.resolve(0)
      return new Promise<number>((resolve, reject) => {
        waiting.push({ resolve, reject })
        worker.postMessage(bytes)
      })
    },
    close,
  }
}

/** Lets a call on `fd` that waits for the other side return: there is something to read then, or room to write. */
function wake(fd: number, direction: 'read' | 'write'): void {
  let other: number | undefined
  try {
    const flags = direction === 'read' ? constants.O_WRONLY : constants.O_RDONLY
    other = openSync(`/proc/self/fd/${fd}`, flags | constants.O_NONBLOCK)
    if (direction === 'read') writeSync(other, '\n')
    else readSync(other, Buffer.alloc(PIPE_BYTES))
  } catch {
    // Nobody is on the other side, which ends the call as well, or it has just ended.
  } finally {
    if (other !== undefined) closeSync(other)
  }
}

interface ThreadData {
  readonly fd: number
  readonly direction: 'read' | 'write'
  readonly state: Int32Array
  readonly most: number
}

interface Moved {
  readonly moved: number
  readonly error?: Error
}

/** All that the thread does; nothing outside of it is known there. */
function moveInThread(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { readSync, writeSync } = process.getBuiltinModule('node:fs')
  const { fd, direction, state, most } = workerData as ThreadData
  parentPort!.on('message', (bytes: Uint8Array) => {
    let moved = 0
    let failure: Error | undefined
    Atomics.store(state, 1, 1)
    try {
      while (moved < bytes.length && Atomics.load(state, 0) === 0) {
        const left = bytes.length - moved
        const count =
          direction === 'read'
            ? readSync(fd, bytes, moved, left, null)
            : writeSync(fd, bytes, moved, Math.min(left, most))
        if (count === 0) break
        moved += count
      }
    } catch (error) {
      // The other side has ended.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') failure = error as Error
    }
    Atomics.store(state, 1, 0)
    Atomics.notify(state, 1)
    parentPort!.postMessage(failure ? { moved, error: failure } : { moved })
  })
}
