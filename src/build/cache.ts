// The cache of a build: restored before its commands run, saved after they succeeded. Whatever goes wrong with it is a warning in the log.

import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { addEntry, packArchive } from '../sandbox/archive.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { CacheSpec } from '../specs/buildspec/buildspec.ts'
import { readCache, writeCache } from './cacheFile.ts'
import { type CacheBases, cachePaths, locate, tarOfPath } from './cachePaths.ts'
import { HASH_FILES } from './hashFiles.ts'

export interface FoundCache {
  readonly key: string
  readonly size: number
  readonly body: Readable
}

/** Where caches are kept: one for each key. */
export interface CacheStore {
  /** For the log: `S3 bucket/prefix`. */
  readonly place: string
  find(key: string): Promise<FoundCache | undefined>
  /** The newest whose key begins so. */
  findNewest(prefix: string): Promise<FoundCache | undefined>
  has(key: string): Promise<boolean>
  /** Keeps the whole body, or nothing when it fails. */
  save(key: string, body: Readable): Promise<void>
}

/** What `saveCache` must know of the restore. */
export interface CacheState {
  readonly key: string
  /** A cache with this very key was there. */
  readonly hit: boolean
}

export interface CacheContext {
  readonly sandbox: Sandbox
  readonly store: CacheStore
  readonly spec: CacheSpec
  readonly sourceDirectory: string
  readonly environment: Readonly<Record<string, string>>
  say(text: string): Promise<void>
}

/** Of caches without a `key`. */
const PLAIN_KEY = 'default'

/** Undefined when there is nothing to cache, or its key could not be found out. */
export async function restoreCache(context: CacheContext): Promise<CacheState | undefined> {
  const { spec, store, say } = context
  if (spec.paths.length === 0) return undefined
  const start = performance.now()
  try {
    const { key, fallbacks, home } = await evaluate(context)
    const miss = { key, hit: false }
    if (spec.action === 'save') return miss
    let found = await store.find(key)
    const hit = found !== undefined
    // AWS: fallback keys are prefixes, and count only beside a key [build-spec-ref, cache/fallback-keys].
    for (const fallback of spec.key && !hit ? fallbacks : []) found ??= await store.findNewest(fallback)
    if (!found) {
      await say(`Cache miss: ${store.place} has none with the key ${key}`)
      return miss
    }
    const bases = basesOf(context, home)
    const { body, size } = found
    await readCache(body, (root, tar) => context.sandbox.put(locate(bases, root), tar, { large: true }))
    const how = hit ? 'Cache hit' : 'Cache hit by a fallback key'
    await say(`${how}: ${amount(size)} from ${store.place} with the key ${found.key}, restored in ${seconds(start)}`)
    return { key, hit }
  } catch (error) {
    await say(`Warning: the cache was not restored: ${(error as Error).message}`)
    return undefined
  }
}

// AWS: a cache with a key is not updated once it is there; one without is saved by every build [caching-s3].
export async function saveCache(context: CacheContext, state: CacheState): Promise<void> {
  const { spec, store, say, sandbox } = context
  if (spec.action === 'restore') return
  const start = performance.now()
  try {
    if (spec.key && (state.hit || (await store.has(state.key)))) {
      await say(`Cache not saved: ${store.place} has one with the key ${state.key}`)
      return
    }
    const bases = basesOf(context, await homeOf(context))
    const paths = cachePaths(spec.paths)
    const written = await writeCache(paths, root => tarOfPath(sandbox, locate(bases, root), root))
    if (!written) {
      await say(`Cache not saved: nothing is at ${spec.paths.join(', ')}`)
      return
    }
    const { body, size } = written
    try {
      await store.save(state.key, body)
    } finally {
      body.destroy()
    }
    await say(`Cache saved: ${amount(size())} to ${store.place} with the key ${state.key} in ${seconds(start)}`)
  } catch (error) {
    await say(`Warning: the cache was not saved: ${(error as Error).message}`)
  }
}

const basesOf = ({ sourceDirectory }: CacheContext, home: string): CacheBases => ({
  source: sourceDirectory,
  home,
  absolute: '/',
})
const amount = (bytes: number) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)
const seconds = (start: number) => `${((performance.now() - start) / 1000).toFixed(1)} s`

async function homeOf({ sandbox, environment }: CacheContext): Promise<string> {
  if (environment.HOME) return environment.HOME
  return (await words(sandbox, environment, sandbox.workspace, ['sh', '-c', `printf '\\036%s' "$HOME"`]))[0] || '/root'
}

/** The keys after the shell of the sandbox evaluated them in the source directory. */
async function evaluate(context: CacheContext): Promise<{ key: string; fallbacks: string[]; home: string }> {
  const { sandbox, spec, sourceDirectory, environment } = context
  if (!spec.key) return { key: PLAIN_KEY, fallbacks: [], home: await homeOf(context) }
  const directory = posix.join(sandbox.workspace, 'cache')
  const keys = [spec.key, ...spec.fallbackKeys]
  const script = `PATH="${directory}:$PATH"\nprintf '\\036%s' "$HOME" ${keys.map(key => `"${key}"`).join(' ')}\n`
  await sandbox.put(directory, programs({ 'codebuild-hash-files': HASH_FILES, 'keys.sh': script }))
  const [home = '', key = '', ...fallbacks] = await words(sandbox, environment, sourceDirectory, [
    'sh',
    `${directory}/keys.sh`,
  ])
  if (key.trim() === '') throw new Error(`its key ${spec.key} is empty`)
  return { key: key.trim(), fallbacks: fallbacks.map(text => text.trim()).filter(Boolean), home: home || '/root' }
}

async function words(
  sandbox: Sandbox,
  env: CacheContext['environment'],
  cwd: string,
  argv: string[],
): Promise<string[]> {
  const run = await sandbox.run(`cache-${randomBytes(6).toString('hex')}`, { argv, cwd, env })
  const text = Buffer.concat(await run.output.toArray()).toString()
  const { exitCode } = await run.result
  if (exitCode !== 0)
    throw new Error(`its key could not be evaluated: exit status ${exitCode} ${text.trim().slice(0, 500)}`)
  // What the commands of a key wrote to standard error is before the first mark.
  return text.split('\x1e').slice(1)
}

const programs = (files: Readonly<Record<string, string>>) =>
  packArchive(async pack => {
    for (const [name, text] of Object.entries(files)) {
      const bytes = Buffer.from(text)
      const content = (async function* () {
        yield bytes
      })()
      await addEntry(pack, {
        name,
        type: 'file',
        mode: 0o755,
        size: bytes.length,
        mtime: undefined,
        linkname: '',
        content,
      })
    }
  })
