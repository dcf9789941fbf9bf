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
  /** Nobody asks any more. Again, or after the end, is fine. */
  close(): void
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
    close: () => followed?.close(),
  }
}

interface Followed {
  read(to: number): void
  end(to: number): Promise<string>
  close(): void
}

interface DigestThread {
  readonly worker: Worker
  /** By the file's number: those whose digest is not known yet. */
  readonly open: Map<number, (answer: Answer) => void>
}

/** One for the process, once it is needed: its loop is as fast as one processor either way. */
let current: DigestThread | undefined
let count = 0

function follow(path: string): Followed {
  current ??= startDigests()
  const { worker, open } = current
  const id = ++count
  const say = (request: Omit<Request, 'id'>) => worker.postMessage({ id, ...request } satisfies Request)
  const digest = new Promise<string>((resolve, reject) => {
    open.set(id, ({ md5, error }) => (md5 === undefined ? reject(error) : resolve(md5)))
  })
  digest.catch(() => {}) // whoever asks for the end hears it
  worker.ref()
  say({ path })
  return {
    read: to => say({ to }),
    end(to) {
      say({ to, last: true })
      return digest
    },
    close() {
      if (!open.delete(id)) return
      say({ last: true })
      // A process is not kept by a thread that nobody waits for.
      if (open.size === 0) worker.unref()
    },
  }
}

function startDigests(): DigestThread {
  const worker = startThread(digestInThread)
  const open: DigestThread['open'] = new Map()
  worker.on('message', (answer: Answer) => open.get(answer.id)?.(answer))
  const over = (error: Error) => {
    if (current?.worker === worker) current = undefined
    for (const [id, answer] of open) answer({ id, error })
    open.clear()
  }
  worker.once('error', over)
  worker.once('exit', () => over(new Error('the thread of the digests has ended')))
  return { worker, open }
}

/** The first has the path. The last has a size if its digest is wanted. */
interface Request {
  readonly id: number
  readonly path?: string
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
  const files = new Map<number, { readonly md5: Hash; fd?: number; at: number; error?: Error }>()
  parentPort!.on('message', ({ id, path, to, last }: Request) => {
    if (path !== undefined) files.set(id, { md5: createHash('md5'), at: 0 })
    const file = files.get(id)
    if (!file) return
    try {
      if (path !== undefined) file.fd = openSync(path, 'r')
      while (to !== undefined && file.at < to && !file.error) {
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
    if (to !== undefined)
      parentPort!.postMessage(file.error ? { id, error: file.error } : { id, md5: file.md5.digest('hex') })
  })
}
