// Every push adds a pack: from time to time they are rolled into fewer, in a geometric progression. Nothing is ever removed
// that no reference reaches, because a push on another machine may be about to refer to it.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runGit } from './run.ts'

const PACKS = 10
const LOOSE_PER_FOLDER = 4 // times 256 folders, estimated from one of them as git does

export async function maintain(dir: string): Promise<boolean> {
  const packs = await readdir(join(dir, 'objects', 'pack')).catch(() => [] as string[])
  const loose = await readdir(join(dir, 'objects', '17')).catch(() => [] as string[])
  const kept = packs.filter(name => name.endsWith('.idx')).length
  if (kept <= PACKS && loose.length <= LOOSE_PER_FOLDER) return false
  await runGit(['-c', 'repack.writeBitmaps=false', 'repack', '-d', '-l', '-q', '--geometric=2'], {
    dir,
    deadline: 1_800_000,
  })
  return true
}
