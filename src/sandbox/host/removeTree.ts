// Removes a sandbox's directory whatever a build made of it: read-only directories, and mounts, which must go first or their content would.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SandboxError } from '../sandboxError.ts'

/**
 * `last`, a file somewhere below, goes after everything else, when the directory has got the name `aside`: what is there when a removal is
 * killed is still known by one of the two.
 */
export async function removeTree(
  directory: string,
  known?: { readonly last: string; readonly aside: string },
): Promise<void> {
  await unmountBelow(directory)
  if (known === undefined) return await removeAll(directory)
  for (const path of await allBut(known.last, directory)) await removeAll(path).catch(() => {}) // the whole tries it again
  await rename(directory, known.aside).catch(error => {
    if (!hasCode(error, 'ENOENT')) throw error
  })
  await removeAll(known.aside)
}

/** Everything of `directory` without `last` and the directories that it is in. */
export async function allBut(last: string, directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(error => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  const paths = names.map(name => join(directory, name)).filter(path => path !== last)
  const way = paths.find(path => last.startsWith(`${path}/`))
  if (way === undefined) return paths
  return [...paths.filter(path => path !== way), ...(await allBut(last, way))]
}

async function removeAll(directory: string): Promise<void> {
  // A failed removal may still be going on in other branches, so directories come and go while they are opened.
  for (let attempt = 1; ; attempt++) {
    try {
      await rm(directory, { recursive: true, force: true })
      return
    } catch (error) {
      if (attempt === 5 || !hasCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error
      await openDirectories(directory)
    }
  }
}

async function unmountBelow(directory: string) {
  const mounted = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map(line =>
        (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal) =>
          String.fromCharCode(Number.parseInt(octal, 8)),
        ),
      )
      .filter(path => path.startsWith(`${directory}/`))
  for (const path of mounted().reverse()) {
    await promisify(execFile)('umount', ['-l', path], { timeout: 10_000 }).catch(() => {})
  }
  const left = mounted()
  if (left.length > 0)
    throw new SandboxError('UNAVAILABLE', `${directory} is kept: ${left[0]} is mounted there and can not be unmounted`)
}

/** Removing an entry needs rights on its directory only. */
async function openDirectories(directory: string) {
  try {
    await chmod(directory, 0o700)
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await openDirectories(join(directory, entry.name))
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
