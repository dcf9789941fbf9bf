// Where repositories live: one bare directory each, named by the repository's id, made when it is first needed.

import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[gc]
\tauto = 0
[repack]
\twriteBitmaps = true
[pack]
\tthreads = 2
`

/** `<root>/<id>.git`; the id is a UUID, checked because it becomes a path. */
export function directoryOf(root: string, id: string): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error(`not a repository id: ${id}`)
  return join(root, `${id}.git`)
}

/** Makes the directory unless it is there: built aside, then renamed, so that nobody sees half of it. */
export async function ensureDirectory(dir: string): Promise<void> {
  if (await stat(join(dir, 'objects')).catch(() => undefined)) return
  const fresh = `${dir}.${randomUUID()}`
  await mkdir(join(fresh, 'objects', 'pack'), { recursive: true })
  await mkdir(join(fresh, 'objects', 'info'))
  await mkdir(join(fresh, 'refs', 'heads'), { recursive: true })
  await writeFile(join(fresh, 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(fresh, 'config'), CONFIG)
  try {
    await rename(fresh, dir)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    if (!(await stat(join(dir, 'objects')).catch(() => undefined))) throw error
  }
}
