// A cache as one file: a header that says what is in it, then one zstd-compressed tar a root. The tars are the sandbox's own streams, so that
// nothing is unpacked and packed again on the way.

import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'

/** Where a root belongs, whatever the next sandbox's directories are called. */
export type CacheBase = 'source' | 'home' | 'absolute'

export interface CacheRoot {
  readonly base: CacheBase
  /** Relative to the base. */
  readonly path: string
}

interface Part extends CacheRoot {
  readonly length: number
}

const MAGIC = 'codeyard-cache-1\n'
const CHUNK = 1024 * 1024
const MAX_HEADER = 1024 * 1024

export interface WrittenCache {
  readonly size: number
  readonly parts: number
  /** What a store keeps: header and parts. */
  body(): Readable
}

/** Compresses each root's tar into `file` (overwritten); roots whose `tar` is undefined are not there and left out. */
export async function writeCacheFile(
  file: string,
  roots: readonly CacheRoot[],
  tarOf: (root: CacheRoot) => Promise<Readable | undefined>,
): Promise<WrittenCache> {
  const parts: Part[] = []
  let at = 0
  for (const root of roots) {
    const tar = await tarOf(root)
    if (!tar) continue
    const sink = createWriteStream(file, { flags: at === 0 ? 'w' : 'a', mode: 0o600, highWaterMark: CHUNK })
    // Level 1: a cache is written once and read often, and must not take longer than what it saves.
    const zstd = createZstdCompress({ chunkSize: CHUNK, params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    await pipeline(tar, zstd, sink)
    parts.push({ ...root, length: sink.bytesWritten })
    at += sink.bytesWritten
  }
  const header = Buffer.from(`${MAGIC}${JSON.stringify(parts)}\n`)
  const length = at
  return {
    size: header.length + length,
    parts: parts.length,
    body: () =>
      Readable.from(
        (async function* () {
          yield header
          if (length > 0) yield* createReadStream(file, { highWaterMark: CHUNK })
        })(),
        { objectMode: false, highWaterMark: CHUNK },
      ),
  }
}

/** Gives each root's tar to `put`, in order. Rejects when the file is no cache or is cut off. */
export async function readCacheFile(
  body: Readable,
  put: (root: CacheRoot, tar: Readable) => Promise<void>,
): Promise<void> {
  const source = byteSource(body)
  try {
    const magic = await source.line()
    if (`${magic}\n` !== MAGIC) throw new Error('it is not a cache of this kind')
    const parts = JSON.parse(await source.line()) as Part[]
    for (const part of parts) {
      const compressed = Readable.from(source.bytes(part.length), { objectMode: false, highWaterMark: CHUNK })
      const zstd = createZstdDecompress({ chunkSize: CHUNK })
      zstd.on('error', () => {}) // told by the pipeline
      const unpacking = put(part, zstd).catch(error => {
        zstd.destroy()
        throw error
      })
      const unpacked = Promise.allSettled([unpacking, pipeline(compressed, zstd)])
      for (const outcome of await unpacked) if (outcome.status === 'rejected') throw outcome.reason
    }
  } finally {
    body.destroy()
  }
}

/** Lines and counted bytes of a stream, one after the other. */
function byteSource(stream: Readable) {
  const chunks = stream[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const more = async () => {
    const next = await chunks.next()
    if (next.done) throw new Error('the cache is cut off')
    return Buffer.from(next.value as Buffer)
  }
  return {
    async line(): Promise<string> {
      for (let end = held.indexOf(10); ; end = held.indexOf(10)) {
        if (end >= 0) {
          const text = held.toString('utf8', 0, end)
          held = held.subarray(end + 1)
          return text
        }
        if (held.length > MAX_HEADER) throw new Error('it is not a cache of this kind')
        held = Buffer.concat([held, await more()])
      }
    },
    async *bytes(count: number): AsyncGenerator<Buffer> {
      for (let left = count; left > 0; ) {
        if (held.length === 0) held = await more()
        const part = held.subarray(0, left)
        held = held.subarray(part.length)
        left -= part.length
        yield part
      }
    },
  }
}
