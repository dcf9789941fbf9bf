// Where a project's cache is kept: in its S3 bucket, written as the project's role, or in the builder's own data directory.

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CacheStore, FoundCache } from '../../../build/cache.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildRow } from '../builds.ts'
import { ownKey, serverSideEncryption } from '../serverSideEncryption.ts'

const SUFFIX = '.cache'

/** The store that the build's project asks for; undefined without a cache of files. */
export function cacheStoreOf(row: BuildRow, invoke: Invoke, dataDir: string): CacheStore | undefined {
  const { cache, projectId, cacheGeneration = 0, encryptionKey } = row.definition
  if (cache?.type === 'S3') {
    const [bucket = '', ...prefix] = cache.location!.replace(/^arn:aws[\w-]*:s3:::/, '').split('/')
    const generation = cacheGeneration === 0 ? [] : [String(cacheGeneration)]
    // AWS: a namespace is what several projects share a cache by [ProjectCache, cacheNamespace].
    const place = [...prefix, cache.cacheNamespace ?? projectId, ...generation].filter(part => part !== '')
    // AWS: caches are encrypted too, by a key of one's own if the project has one [CodeBuild user guide, security-encryption]. Without
    // one the bucket's default counts.
    const encryption = ownKey(encryptionKey) ? serverSideEncryption({ encryptionKey }) : {}
    return inS3(invoke, bucket, `${place.join('/')}/`, encryption)
  }
  if (cache?.type === 'LOCAL' && cache.modes?.includes('LOCAL_CUSTOM_CACHE')) {
    return inDirectory(localCache(dataDir, row), 'this builder (LOCAL_CUSTOM_CACHE)')
  }
  return undefined
}

/** What this builder keeps of a project, by generation. */
export const localCache = (dataDir: string, { definition }: BuildRow) =>
  join(dataDir, 'cache', definition.projectId, String(definition.cacheGeneration ?? 0))

/** A key as one name in a bucket or directory; what is too long for one becomes its hash. */
function fileName(key: string): string {
  const name = encodeURIComponent(key).replaceAll('.', '%2E').replaceAll('*', '%2A')
  return name.length <= 200 ? name : `${name.slice(0, 130)}${createHash('sha256').update(key).digest('hex')}`
}

function keyOf(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name // the hash of a long one
  }
}

function inS3(invoke: Invoke, bucket: string, prefix: string, encryption: object): CacheStore {
  const get = async (Key: string): Promise<FoundCache | undefined> => {
    try {
      const { Body, ContentLength } = await invoke('s3', 'GetObject', { Bucket: bucket, Key })
      const key = keyOf(Key.slice(prefix.length, -SUFFIX.length))
      return { key, size: ContentLength ?? 0, body: Body as Readable }
    } catch (error) {
      if (isServiceError(error, 'NoSuchKey')) return undefined
      throw error
    }
  }
  return {
    place: `S3 ${bucket}/${prefix}`,
    find: key => get(`${prefix}${fileName(key)}${SUFFIX}`),
    async findNewest(start) {
      let newest: { Key?: string; LastModified?: Date } | undefined
      let token: string | undefined
      do {
        const page = await invoke('s3', 'ListObjectsV2', {
          Bucket: bucket,
          Prefix: `${prefix}${fileName(start)}`,
          ...(token && { ContinuationToken: token }),
        })
        for (const object of page.Contents ?? [])
          if (!newest || object.LastModified! > newest.LastModified!) newest = object
        token = page.NextContinuationToken
      } while (token)
      return newest && (await get(newest.Key!))
    },
    async has(key) {
      try {
        await invoke('s3', 'HeadObject', { Bucket: bucket, Key: `${prefix}${fileName(key)}${SUFFIX}` })
        return true
      } catch (error) {
        if (isServiceError(error) && /NotFound|NoSuchKey/.test(error.code)) return false
        throw error
      }
    },
    async save(key, body) {
      await invoke('s3', 'PutObject', {
        Bucket: bucket,
        Key: `${prefix}${fileName(key)}${SUFFIX}`,
        Body: body,
        ContentType: 'application/octet-stream',
        // The quickest to compute.
        ChecksumAlgorithm: 'CRC32',
        ...encryption,
      })
    },
  }
}

// DEVIATES: AWS links the cached directories into the build; here they are copied, so that builds at the same time do not share them.
function inDirectory(directory: string, place: string): CacheStore {
  const pathOf = (key: string) => join(directory, `${fileName(key)}${SUFFIX}`)
  const get = async (path: string): Promise<FoundCache | undefined> => {
    try {
      const { size } = await stat(path)
      const key = keyOf(path.slice(directory.length + 1, -SUFFIX.length))
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
      const fitting = names.filter(name => name.startsWith(fileName(start)) && name.endsWith(SUFFIX))
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
      // Earlier generations were invalidated.
      const all = join(directory, '..')
      for (const name of await readdir(all)) {
        if (Number(name) < Number(directory.split('/').at(-1)))
          await rm(join(all, name), { recursive: true, force: true })
      }
    },
  }
}
