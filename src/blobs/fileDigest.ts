// The MD5 of a file while it is written. That of a large one is computed by a thread, which reads what was written while more comes in: at 1.5 ms
// for each MB it would hold the event loop for longer than everything else that becomes of the bytes.

import { createHash, type Hash } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { within } from '../core/bounded.ts'
import { startThread } from '../core/thread.ts'

/** From here on a file is large. */
const LARGE = 8 * 1024 * 1024
/** For what is still to be read when all is written. */
const END_MS = 600_000

export interface FileDigest {
  /** Bytes that come next in the file. */
  add(bytes: Uint8Array): void
  /** So many bytes are in it by now. */
  written(size: number): void
  /** Hex, of its `size` bytes, which are all written. Rejects when they can not be read. */
  end(size: number): Promise<string>
  /** Nobody asks any more: resolves when the file is not open here, so that its place is free once it is removed. Again is fine. */
  close(): Promise<void>
}

/** Of the file at `path`, which is there and empty. */
export function fileDigest(path: string): FileDigest {
  const md5 = createHash('md5')
  let added = 0
  let followed: Followed | undefined
  return {
    add(bytes) {
      if (followed) return
      added += bytes.length
      if (added > LARGE) followed = follow(path)
      else md5.update(bytes)
    },
    written: size => followed?.read(size),
    end: async size => (followed ? within(END_MS, 'a digest takes too long', followed.end(size)) : md5.digest('hex')),
    close: async () => followed && within(END_MS, 'a file stays open', followed.close()),
  }
}

interface Followed {
  read(to: number): void
  end(to: number): Promise<string>
  close(): Promise<void>
}

interface DigestThread {
  readonly worker: Worker
  /** By the file's number: those that are open there. */
  readonly open: Map<number, (answer: Answer) => void>
}

/** One for the process, once it is needed: its loop is as fast as one processor either way. */
let current: DigestThread | undefined
let count = 0

function follow(path: string): Followed {
  current ??= startDigests()
  const { worker, open } = current
  const id = ++count
  const stopped = new Int32Array(new SharedArrayBuffer(4))
  let ending = false
  const say = (request: Omit<Request, 'id'>) => worker.postMessage({ id, ...request } satisfies Request)
  const answered = new Promise<Answer>(resolve => open.set(id, resolve))
  worker.ref()
  say({ path, stopped })
  return {
    read: to => say({ to }),
    async end(to) {
      ending = true
      say({ to, last: true })
      const { md5, error } = await answered
      if (md5 === undefined) throw error ?? new Error('nobody wanted the digest any more')
      return md5
    },
    async close() {
      // What waits to be read need not be.
      Atomics.store(stopped, 0, 1)
      if (!ending) say({ last: true })
      ending = true
      await answered
    },
  }
}

function startDigests(): DigestThread {
  const worker = startThread(digestInThread)
  const open: DigestThread['open'] = new Map()
  const answer = (known: Answer) => {
    open.get(known.id)?.(known)
    open.delete(known.id)
    // A process is not kept by a thread that nobody waits for.
    if (open.size === 0) worker.unref()
  }
  const over = (error: Error) => {
    if (current?.worker === worker) current = undefined
    for (const id of [...open.keys()]) answer({ id, error })
  }
  worker.on('message', answer)
  worker.once('error', over)
  worker.once('exit', () => over(new Error('the thread of the digests has ended')))
  return { worker, open }
}

/** The first has the path, and a word that is set when nothing is to be read any more. The last is answered when the file is closed. */
interface Request {
  readonly id: number
  readonly path?: string
  readonly stopped?: Int32Array
  readonly to?: number
  readonly last?: boolean
}

interface Answer {
  readonly id: number
  readonly md5?: string
  readonly error?: Error
}

/** All that the thread does; nothing outside of it is known there. */
function digestInThread(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs')
  const { createHash } = process.getBuiltinModule('node:crypto')
  const buffer = Buffer.alloc(256 * 1024)
  const files = new Map<
    number,
    { readonly md5: Hash; readonly stopped: Int32Array; fd?: number; at: number; error?: Error }
  >()
  parentPort!.on('message', ({ id, path, stopped, to, last }: Request) => {
    if (stopped) files.set(id, { md5: createHash('md5'), stopped, at: 0 })
    const file = files.get(id)!
    try {
      if (path !== undefined) file.fd = openSync(path, 'r')
      while (to !== undefined && file.at < to && !file.error && Atomics.load(file.stopped, 0) === 0) {
        const read = readSync(file.fd!, buffer, 0, Math.min(buffer.length, to - file.at), file.at)
        if (read === 0) throw new Error('a file is shorter than what was written into it')
        file.md5.update(buffer.subarray(0, read))
        file.at += read
      }
    } catch (error) {
      file.error = error as Error
    }
    if (!last) return
    files.delete(id)
    if (file.fd !== undefined) closeSync(file.fd)
    if (file.error) parentPort!.postMessage({ id, error: file.error })
    else parentPort!.postMessage(file.at === to ? { id, md5: file.md5.digest('hex') } : { id })
  })
}
