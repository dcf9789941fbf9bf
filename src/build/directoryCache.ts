// A cache in a directory of this machine, a file for each key.

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { CacheStore, FoundCache } from './cache.ts'

/** A cache of an earlier format is not found. */
export const CACHE_SUFFIX = '.cache3'

/** A key as one name in a bucket or directory, without the suffix; what is too long for one becomes its hash. */
export function cacheFileName(key: string): string {
  const name = encodeURIComponent(key).replaceAll('.', '%2E').replaceAll('*', '%2A')
  return name.length <= 200 ? name : `${name.slice(0, 130)}${createHash('sha256').update(key).digest('hex')}`
}

/** The key that a name was made of. */
export function cacheKeyOf(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name // the hash of a long one
  }
}

// DEVIATES: AWS links the cached directories into the build; here they are copied, so that builds at the same time do not share them.
/** `place` is how the log names it. */
export function directoryCache(directory: string, place: string): CacheStore {
  const pathOf = (key: string) => join(directory, `${cacheFileName(key)}${CACHE_SUFFIX}`)
  const get = async (path: string): Promise<FoundCache | undefined> => {
    try {
      const { size } = await stat(path)
      const key = cacheKeyOf(path.slice(directory.length + 1, -CACHE_SUFFIX.length))
      return { key, size, body: createReadStream(path, { highWaterMark: 1024 * 1024 }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }
  return {
    place,
    find: key => get(pathOf(key)),
    async findNewest(start) {
      const names = await readdir(directory).catch(() => [])
      const fitting = names.filter(name => name.startsWith(cacheFileName(start)) && name.endsWith(CACHE_SUFFIX))
      const dated = await Promise.all(
        fitting.map(async name => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
      )
      const [newest] = dated.sort((a, b) => b.at - a.at)
      return newest && (await get(join(directory, newest.name)))
    },
    has: async key =>
      await stat(pathOf(key)).then(
        () => true,
        () => false,
      ),
    async save(key, body) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const fresh = `${pathOf(key)}.${process.pid}.${performance.now()}.new`
      try {
        await pipeline(body, createWriteStream(fresh, { mode: 0o600, highWaterMark: 1024 * 1024 }))
        const file = await open(fresh)
        await file.sync().finally(() => file.close())
        await rename(fresh, pathOf(key))
      } finally {
        await rm(fresh, { force: true })
      }
    },
  }
}
