// The source cache of a builder (LOCAL_SOURCE_CACHE): a bare mirror for each project and repository, brought up to date instead of cloning
// anew. Whoever may not fetch gets nothing from it; a mirror that is broken is made again.

import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '../../../../core/processes.ts'
import { gitEnvironment } from './access.ts'
import { type Checkout, checkOut, isRefused } from './checkout.ts'
import { GitFailure, runGit } from './runGit.ts'

const GB = 1024 ** 3
const MOST_PACKS = 40

export interface Mirrors {
  /** Holds all mirrors of the builder. */
  readonly folder: string
  /** Bytes of all mirrors together; the ones that were not used for longest go first. */
  readonly most?: number
  say(line: string): void | Promise<void>
}

/** Like checkOut, by way of the mirror for `key`. */
export async function checkOutCached(checkout: Checkout, key: string, mirrors: Mirrors): Promise<string> {
  const name = `${createHash('sha256').update(`${key}\n${checkout.url}`).digest('hex').slice(0, 40)}.git`
  const mirror = join(mirrors.folder, name)
  await mkdir(mirrors.folder, { recursive: true, mode: 0o700 })
  return await oneAtATime(mirror, checkout.signal, async () => {
    const unlock = await lock(`${mirror}.lock`)
    if (!unlock) {
      await mirrors.say('Source cache: not used, another process is at work in it')
      return await checkOut(checkout)
    }
    try {
      return await throughMirror(checkout, mirror, mirrors)
    } finally {
      await trim(mirrors, name).catch(() => {})
      await unlock()
    }
  })
}

async function throughMirror(checkout: Checkout, mirror: string, { say }: Mirrors): Promise<string> {
  const known = await exists(mirror)
  try {
    await (known ? update(checkout, mirror) : create(checkout, mirror))
    const before = known ? 'hit' : 'miss'
    const commit = await fromMirror(checkout, mirror)
    await say(`Source cache: ${before}, the mirror has ${await sizeText(mirror)}`)
    return commit
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    if (!known || isRefused(error)) {
      if (!known) await rm(mirror, { recursive: true, force: true })
      throw error
    }
    // Its files may be damaged; a version that is not there fails again, and is said by the second try.
    await rm(mirror, { recursive: true, force: true })
    await rm(checkout.folder, { recursive: true, force: true })
    await create(checkout, mirror).catch(async second => {
      await rm(mirror, { recursive: true, force: true })
      throw second
    })
    const commit = await fromMirror(checkout, mirror)
    await say(`Source cache: miss, the mirror was broken and is made again, it has ${await sizeText(mirror)}`)
    return commit
  }
}

const REFERENCES = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']

const gitIn = ({ access, signal }: Checkout, mirror: string) => {
  const env = gitEnvironment(access, mirror)
  return (...args: string[]) => runGit(args, { env, signal })
}

async function create(checkout: Checkout, mirror: string): Promise<void> {
  const git = gitIn(checkout, mirror)
  await git('init', '--quiet', '--bare', '--', mirror)
  await git('-C', mirror, 'config', 'uploadpack.allowAnySHA1InWant', 'true')
  await git('-C', mirror, 'config', 'fetch.unpackLimit', '1')
  await git('-C', mirror, 'remote', 'add', 'origin', checkout.url)
  await fetchInto(checkout, mirror)
}

async function update(checkout: Checkout, mirror: string): Promise<void> {
  await rm(join(mirror, 'shallow.lock'), { force: true })
  await fetchInto(checkout, mirror)
  const { length } = await readdir(join(mirror, 'objects', 'pack'))
  // Each fetch leaves a pack, with its index.
  if (length > MOST_PACKS * 2) await gitIn(checkout, mirror)('-C', mirror, 'repack', '-a', '-d', '--quiet')
  const now = new Date()
  await utimes(mirror, now, now)
}

async function fetchInto(checkout: Checkout, mirror: string): Promise<void> {
  const git = gitIn(checkout, mirror)
  const { version } = checkout
  await git('-C', mirror, 'fetch', '--quiet', '--prune', '--no-tags', '--force', 'origin', ...REFERENCES)
  if (version.kind === 'ref' && !/^refs\/(heads|tags)\//.test(version.ref)) {
    await git('-C', mirror, 'fetch', '--quiet', '--no-tags', 'origin', `+${version.ref}:${version.ref}`)
  }
  const sha = version.kind === 'commit' || version.kind === 'ref' ? version.sha : undefined
  if (sha) {
    const there = await git('-C', mirror, 'cat-file', '-e', `${sha}^{commit}`).then(
      () => true,
      () => false,
    )
    if (!there) await git('-C', mirror, 'fetch', '--quiet', '--no-tags', 'origin', sha)
  }
  if (version.kind !== 'default') return
  const head = await git('-C', mirror, 'ls-remote', '--symref', 'origin', 'HEAD')
  const [, ref] = /^ref: (refs\/heads\/\S+)\tHEAD/m.exec(head) ?? []
  if (ref) await git('-C', mirror, 'symbolic-ref', 'HEAD', ref)
}

/** The working copy comes from the mirror, its remote is the project's. Objects are linked where that can be: a depth needs git to pack anew. */
async function fromMirror(checkout: Checkout, mirror: string): Promise<string> {
  const url = checkout.depth > 0 ? `file://${mirror}` : mirror
  const commit = await checkOut({ ...checkout, url, access: { rewrites: [], local: true } })
  await gitIn(checkout, mirror)('-C', checkout.folder, 'remote', 'set-url', 'origin', checkout.url)
  return commit
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const running = new Map<string, Promise<unknown>>()

/** Builds of this process take turns. */
async function oneAtATime<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = running.get(key) ?? Promise.resolve()
  const mine = before
    .catch(() => {})
    .then(() => {
      signal.throwIfAborted()
      return work()
    })
  running.set(key, mine)
  try {
    return await mine
  } finally {
    if (running.get(key) === mine) running.delete(key)
  }
}

/** Other processes are kept out by a file with our process id; what a dead one left is taken over. Undefined when another one is at work. */
async function lock(file: string): Promise<(() => Promise<void>) | undefined> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600)
      await handle.writeFile(String(process.pid))
      await handle.close()
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(file, 'utf8').catch(() => ''))
    if (owner !== process.pid && owner > 0 && isAlive(owner)) return undefined
    await rm(file, { force: true })
  }
  return undefined
}

async function trim({ folder, most = 10 * GB }: Mirrors, keep: string): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.git'))
  const all = await Promise.all(
    names.map(async name => ({
      name,
      size: await sizeOf(join(folder, name)),
      at: (await stat(join(folder, name))).mtimeMs,
    })),
  )
  let total = all.reduce((sum, { size }) => sum + size, 0)
  for (const { name, size } of all.sort((a, b) => a.at - b.at)) {
    if (total <= most) return
    // One that alone is too large goes as well; others may be in use and have their own lock.
    if (name !== keep && (await exists(join(folder, `${name}.lock`)))) continue
    if (name === keep && size <= most) continue
    await rm(join(folder, name), { recursive: true, force: true })
    total -= size
  }
}

async function sizeOf(mirror: string): Promise<number> {
  const pack = join(mirror, 'objects', 'pack')
  const names = await readdir(pack).catch(() => [])
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(pack, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function sizeText(mirror: string): Promise<string> {
  const size = await sizeOf(mirror)
  return size < 1024 ** 2 ? `${Math.ceil(size / 1024)} KB` : `${(size / 1024 ** 2).toFixed(1)} MB`
}
