// Which directories and files of a build its cache holds: the patterns of the buildspec as roots in the sandbox.

import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { rewriteArchive, transientPieces } from '../sandbox/rewriteArchive.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { CacheBase, CacheRoot } from './cacheFile.ts'
import { globMatcher, hasWildcard, normal, staticPrefix } from './globs.ts'

/** Absolute directories of one sandbox. */
export type CacheBases = Readonly<Record<CacheBase, string>>

export interface CachePath extends CacheRoot {
  /** Which files below the root are meant; all without it. */
  readonly matches?: (path: string) => boolean
}

// AWS: HOME is /root in every build; elsewhere it is the home of the build's user.
/** The roots that `patterns` mean, each once. */
export function cachePaths(patterns: readonly string[]): CachePath[] {
  const all = patterns.map((pattern): CachePath => {
    const { base, path } = placeOf(pattern.trim())
    const root = staticPrefix(path)
    const rest = path.slice(root.length).replace(/^\//, '')
    const everything = !hasWildcard(path) || rest === '**/*' || rest === '**'
    return { base, path: root, ...(!everything && { matches: globMatcher(rest) }) }
  })
  return all.filter(
    (one, at) =>
      !all.some(
        (other, index) =>
          index !== at &&
          other.base === one.base &&
          !other.matches &&
          (one.path === other.path
            ? index < at || one.matches
            : other.path === '' || one.path.startsWith(`${other.path}/`)),
      ),
  )
}

function placeOf(pattern: string): CacheRoot {
  const path = normal(posix.normalize(pattern))
  if (path === '~' || path.startsWith('~/')) return { base: 'home', path: path.slice(2) }
  if (path === '/root' || path.startsWith('/root/')) return { base: 'home', path: path.slice(6) }
  if (path.startsWith('/')) return { base: 'absolute', path: path.slice(1) }
  return { base: 'source', path }
}

/** Where a root is in a sandbox. A name in a cache is not trusted to stay in its base. */
export function locate(bases: CacheBases, root: CacheRoot): string {
  const base = bases[root.base]
  if (base === undefined || typeof root.path !== 'string') throw new Error('the cache names an unknown place')
  if (root.path.split('/').includes('..') || root.path.startsWith('/') || root.path.includes('\0')) {
    throw new Error(`the cache's path ${JSON.stringify(root.path)} leaves its directory`)
  }
  return root.path === '' ? base : posix.join(base, root.path)
}

/** Tar of what is meant below the root, undefined when it is not there. `onlyDirectories`: undefined for a file as well. */
export async function tarOfPath(sandbox: Sandbox, at: string, path: CachePath): Promise<Readable | undefined> {
  let tar: Readable
  try {
    tar = await sandbox.get(at, { large: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const { matches } = path
  if (!matches) return tar
  return rewriteArchive(transientPieces(tar), entry =>
    entry.type !== 'directory' && matches(entry.name) ? entry : undefined,
  )
}
