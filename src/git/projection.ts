// Brings a directory's references up to date with the rows that are the truth: packed-refs carries the rows' version in its
// header, so that references and version change in one rename, and HEAD is written before.

import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Reference } from './references.ts'

export interface ReferenceRows {
  readonly version: number
  /** `refs/heads/main`; HEAD names it also before it exists. */
  readonly head: string
  /** Sorted by name, byte by byte. */
  readonly references: readonly Reference[]
}

/** After so long a lock is taken to be a dead process's. */
const STALE_LOCK = 5000

/** Makes the directory show at least `version`; `load` reads the rows (and the version that they have by then). */
export async function project(dir: string, version: number, load: () => Promise<ReferenceRows>): Promise<void> {
  if ((await projectedVersion(dir)) >= version) return
  const unlock = await lock(join(dir, 'codeyard-refs.lock'))
  try {
    if ((await projectedVersion(dir)) >= version) return
    const rows = await load()
    await replace(join(dir, 'HEAD'), `ref: ${rows.head}\n`)
    await replace(join(dir, 'packed-refs'), packedRefs(rows))
  } finally {
    await unlock()
  }
}

/** The version that packed-refs was written for; -1 before the first. */
export async function projectedVersion(dir: string): Promise<number> {
  let file: Awaited<ReturnType<typeof open>> | undefined
  try {
    file = await open(join(dir, 'packed-refs'), 'r')
    const { buffer, bytesRead } = await file.read(Buffer.alloc(128), 0, 128, 0)
    const found = / codeyard=(\d+) /.exec(buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? '')
    return found ? Number(found[1]) : -1
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return -1
    throw error
  } finally {
    await file?.close()
  }
}

/** Git ignores traits of the header that it does not know. */
function packedRefs({ version, references }: ReferenceRows): string {
  const lines = references.map(({ name, id, peeled }) => `${id} ${name}\n${peeled ? `^${peeled}\n` : ''}`)
  return `# pack-refs with: peeled fully-peeled sorted codeyard=${version} \n${lines.join('')}`
}

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomUUID()}`
  try {
    await writeFile(fresh, text)
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** Held for milliseconds; whoever finds it older than STALE_LOCK breaks it. What a breaker undoes is written again by version. */
async function lock(path: string): Promise<() => Promise<void>> {
  const owner = randomUUID()
  for (;;) {
    try {
      await writeFile(path, owner, { flag: 'wx' })
      return async () => {
        const holder = await readFile(path, 'utf8').catch(() => undefined)
        if (holder === owner) await rm(path, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const since = await stat(path).catch(() => undefined)
    if (since && Date.now() - since.mtimeMs > STALE_LOCK) await rm(path, { force: true })
    else await delay(20)
  }
}
