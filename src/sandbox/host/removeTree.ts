// Removes a sandbox's directory whatever a build made of it: read-only directories, and mounts, which must go first or their content would.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SandboxError } from '../sandboxError.ts'

export async function removeTree(directory: string): Promise<void> {
  await unmountBelow(directory)
  try {
    await rm(directory, { recursive: true, force: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && /^(EACCES|EPERM|ENOTEMPTY)$/.test(String(error.code))))
      throw error
    await openDirectories(directory)
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
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
  await chmod(directory, 0o700)
  for (const entry of await readdir(directory)) {
    const path = join(directory, entry)
    if ((await lstat(path)).isDirectory()) await openDirectories(path)
  }
}
