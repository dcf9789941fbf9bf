// Directories of one piece of work: gone when it is over, or, when its process was killed, with the first work of another.

import { readlinkSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './processes.ts'

const PREFIX = 'codeyard-temporary-'

/** Process ids mean something in their namespace only: containers may share a directory. */
const space = (() => {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  } catch {
    return '0'
  }
})()

let swept: Promise<void> | undefined

/** `work` in a directory of its own that only its owner may look into. */
export async function inTemporary<T>(work: (folder: string) => Promise<T>): Promise<T> {
  swept ??= clearLeftovers(tmpdir())
  await swept
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${space}-${process.pid}-`))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes what processes that are dead left in `root`. */
export async function clearLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const [, where, pid] = new RegExp(`^${PREFIX}(\\d+)-(\\d+)-`).exec(name) ?? []
    if (where !== space || pid === undefined || isAlive(Number(pid))) continue
    // Another account's, perhaps.
    await rm(join(root, name), { recursive: true, force: true }).catch(() => {})
  }
}
