// Where a project's cache is kept: in its S3 bucket, written as the project's role, or in the builder's own data directory.

import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { CacheStore, FoundCache } from '../../../build/cache.ts'
import { CACHE_SUFFIX, cacheFileName, cacheKeyOf, directoryCache } from '../../../build/directoryCache.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { BuildRow } from '../builds.ts'
import { ownKey, serverSideEncryption } from '../serverSideEncryption.ts'

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
    return inDirectory(localCache(dataDir, row))
  }
  return undefined
}

/** What this builder keeps of a project, by generation. */
export const localCache = (dataDir: string, { definition }: BuildRow) =>
  join(dataDir, 'cache', definition.projectId, String(definition.cacheGeneration ?? 0))

function inS3(invoke: Invoke, bucket: string, prefix: string, encryption: object): CacheStore {
  const get = async (Key: string): Promise<FoundCache | undefined> => {
    try {
      const { Body, ContentLength } = await invoke('s3', 'GetObject', { Bucket: bucket, Key })
      const key = cacheKeyOf(Key.slice(prefix.length, -CACHE_SUFFIX.length))
      return { key, size: ContentLength ?? 0, body: Body as Readable }
    } catch (error) {
      if (isServiceError(error, 'NoSuchKey')) return undefined
      throw error
    }
  }
  return {
    place: `S3 ${bucket}/${prefix}`,
    find: key => get(`${prefix}${cacheFileName(key)}${CACHE_SUFFIX}`),
    async findNewest(start) {
      let newest: { Key?: string; LastModified?: Date } | undefined
      let token: string | undefined
      do {
        const page = await invoke('s3', 'ListObjectsV2', {
          Bucket: bucket,
          Prefix: `${prefix}${cacheFileName(start)}`,
          ...(token && { ContinuationToken: token }),
        })
        const caches = (page.Contents ?? []).filter(({ Key = '' }) => Key.endsWith(CACHE_SUFFIX))
        for (const object of caches) if (!newest || object.LastModified! > newest.LastModified!) newest = object
        token = page.NextContinuationToken
      } while (token)
      return newest && (await get(newest.Key!))
    },
    async has(key) {
      try {
        await invoke('s3', 'HeadObject', { Bucket: bucket, Key: `${prefix}${cacheFileName(key)}${CACHE_SUFFIX}` })
        return true
      } catch (error) {
        if (isServiceError(error) && /NotFound|NoSuchKey/.test(error.code)) return false
        throw error
      }
    },
    async save(key, body) {
      await invoke('s3', 'PutObject', {
        Bucket: bucket,
        Key: `${prefix}${cacheFileName(key)}${CACHE_SUFFIX}`,
        Body: body,
        ContentType: 'application/octet-stream',
        // The quickest to compute.
        ChecksumAlgorithm: 'CRC32',
        ...encryption,
      })
    },
  }
}

function inDirectory(directory: string): CacheStore {
  const cache = directoryCache(directory, 'this builder (LOCAL_CUSTOM_CACHE)')
  return {
    ...cache,
    async save(key, body) {
      await cache.save(key, body)
      // Earlier generations were invalidated.
      for (const name of await readdir(dirname(directory)))
        if (Number(name) < Number(basename(directory)))
          await rm(join(dirname(directory), name), { recursive: true, force: true })
    },
  }
}
