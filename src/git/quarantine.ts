// Objects of a push wait in a directory of their own until they are known to be whole; then they move in, packs' indexes last.

import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../core/processes.ts'

export interface Quarantine {
  readonly dir: string
  /** Lets git write to the quarantine and read the repository behind it. */
  readonly env: Readonly<Record<string, string>>
  /** Moves everything into the repository, durably. */
  migrate(): Promise<void>
  /** Again is fine. */
  remove(): Promise<void>
}

/** Quarantines of this process that are in use: its own process id alone proves nothing after a restart in a container. */
const inUse = new Set<string>()
const FOREIGN_AGE = 6 * 3600_000

/** Below `<root>/incoming`, so that a sweep reads one directory. */
export async function openQuarantine(root: string, repository: string): Promise<Quarantine> {
  const name = `${hostname()}.${process.pid}.${randomUUID()}`
  const dir = join(root, 'incoming', name)
  inUse.add(name)
  await mkdir(join(dir, 'pack'), { recursive: true })
  const objects = join(repository, 'objects')
  return {
    dir,
    env: { GIT_OBJECT_DIRECTORY: dir, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects, GIT_QUARANTINE_PATH: dir },
    async migrate() {
      await migrate(dir, objects)
    },
    async remove() {
      await rm(dir, { recursive: true, force: true })
      inUse.delete(name)
    },
  }
}

/** Removes what dead processes left: at once for this host's, after six hours for another's. Answers how many. */
export async function sweepQuarantines(root: string, now: number): Promise<number> {
  const incoming = join(root, 'incoming')
  const names = await readdir(incoming).catch(() => [] as string[])
  let removed = 0
  for (const name of names) {
    if (inUse.has(name)) continue
    const parts = name.split('.')
    const pid = Number(parts.at(-2))
    const ours = parts.slice(0, -2).join('.') === hostname()
    const since = await stat(join(incoming, name)).catch(() => undefined)
    if (!since) continue
    if (ours ? pid !== process.pid && isAlive(pid) : now - since.mtimeMs < FOREIGN_AGE) continue
    await rm(join(incoming, name), { recursive: true, force: true })
    removed++
  }
  return removed
}

/** An object becomes visible with its index, so indexes come last. */
const ORDER = ['.pack', '.rev', '.bitmap', '.mtimes', '.idx']

async function migrate(from: string, to: string): Promise<void> {
  for (const folder of await readdir(from)) {
    if (folder !== 'pack' && !/^[0-9a-f]{2}$/.test(folder)) continue
    const files = (await readdir(join(from, folder))).filter(file => !file.startsWith('tmp_'))
    if (files.length === 0) continue
    await mkdir(join(to, folder), { recursive: true })
    const rank = (file: string) => ORDER.findIndex(ending => file.endsWith(ending))
    for (const file of files.sort((a, b) => rank(a) - rank(b))) {
      await moveIn(join(from, folder, file), join(to, folder, file))
    }
    await syncDirectory(join(to, folder))
  }
}

/** What is there already has the same content (its name is its hash), and stays. */
async function moveIn(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    await rename(from, to) // file systems without hard links
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
