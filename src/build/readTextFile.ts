// One file of a sandbox as text.

import { readArchive } from '../sandbox/archive.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'

/** Undefined when it is not there. */
export async function readTextFile(sandbox: Sandbox, path: string): Promise<string | undefined> {
  try {
    for await (const entry of readArchive(await sandbox.get(path))) {
      if (entry.type === 'file') return Buffer.concat(await Array.fromAsync(entry.content)).toString()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return undefined
}
