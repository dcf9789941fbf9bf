// A cache as one stream: a line, then each root as a line of JSON that names its place and its tar compressed with zstd, in counted pieces. So it is
// written and read without being held anywhere, and what was cut off is seen.

import { Readable, type Writable } from 'node:stream'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { giveBack, ownMemory } from '../core/ownMemory.ts'
import { offerTransient, transientPieces } from '../sandbox/rewriteArchive.ts'

/** Where a root belongs, whatever the next sandbox's directories are called. */
export type CacheBase = 'source' | 'home' | 'absolute'

export interface CacheRoot {
  readonly base: CacheBase
  /** Relative to the base. */
  readonly path: string
}

/** Of caches that were written with all roots and their lengths at the beginning. */
interface Part extends CacheRoot {
  readonly length: number
}

const MAGIC = 'codeyard-cache-2'
const FIRST_MAGIC = 'codeyard-cache-1'
const CHUNK = 1024 * 1024
const MAX_HEADER = 1024 * 1024
const LENGTH_BYTES = 4
/** Larger than the pool that small buffers share. */
const OWN_BYTES = 128 * 1024

export interface WrittenCache {
  /** What a store keeps; its error is that of a root that could not be read. */
  readonly body: Readable
  /** Bytes of the body so far. */
  size(): number
}

/** A stream of the roots whose `tar` is defined; undefined when there is none. */
export async function writeCache(
  roots: readonly CacheRoot[],
  tarOf: (root: CacheRoot) => Promise<Readable | undefined>,
): Promise<WrittenCache | undefined> {
  const left = [...roots]
  const next = async () => {
    for (let root = left.shift(); root; root = left.shift()) {
      const tar = await tarOf(root)
      if (tar) return { base: root.base, path: root.path, tar }
    }
    return undefined
  }
  const first = await next()
  if (!first) return undefined
  let size = 0
  async function* parts() {
    yield Buffer.from(`${MAGIC}\n`)
    for (let part: typeof first = first; part; part = await next()) {
      yield Buffer.from(`${JSON.stringify({ base: part.base, path: part.path })}\n`)
      yield* compressed(part.tar)
    }
    yield Buffer.from('\n')
  }
  async function* counted() {
    for await (const bytes of parts()) {
      size += bytes.length
      yield bytes
    }
  }
  const body = Readable.from(counted(), { objectMode: false, highWaterMark: 1 })
  // A generator that was never read ends without a word.
  body.once('close', () => first.tar.destroy())
  return { body, size: () => size }
}

/** Pieces, each after its length, and a length of zero. */
async function* compressed(tar: Readable): AsyncGenerator<Buffer> {
  // Level 1: a cache is written once and read often, and must not take longer than what it saves.
  const zstd = createZstdCompress({ chunkSize: CHUNK, params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  const feeding = feed(transientPieces(tar), zstd)
  feeding.catch(() => {}) // awaited below, unless the reader went away
  for await (const piece of zstd as AsyncIterable<Buffer>) {
    yield lengthOf(piece.length)
    yield piece.byteOffset + piece.length === CHUNK ? ownMemory(piece) : piece
  }
  await feeding
  yield lengthOf(0)
}

/** One piece is worked on while the next is read: each must be good until the one after the next is asked for. */
async function feed(pieces: AsyncIterable<Uint8Array>, zstd: Writable): Promise<void> {
  let writing: Promise<void> = Promise.resolve()
  try {
    for await (const piece of pieces) {
      await writing
      writing = new Promise<void>((resolve, reject) => {
        zstd.write(piece, error => (error ? reject(error) : resolve()))
      })
      writing.catch(() => {}) // seen by the next await
    }
    await writing
    zstd.end()
  } catch (error) {
    zstd.destroy(error as Error)
    throw error
  }
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES)
  bytes.writeUInt32BE(length)
  return bytes
}

/**
 * Gives each root's tar to `put`, in order. Rejects when the file is no cache or is cut off. The buffers of `body` must be nobody else's.
 */
export async function readCache(body: Readable, put: (root: CacheRoot, tar: Readable) => Promise<void>): Promise<void> {
  const source = byteSource(body)
  try {
    const magic = await source.line()
    if (magic === FIRST_MAGIC) {
      for (const { length, ...root } of JSON.parse(await source.line()) as Part[])
        await unpack(source.bytes(length), tar => put(root, tar))
      return
    }
    if (magic !== MAGIC) throw new Error('it is not a cache of this kind')
    for (let line = await source.line(); line !== ''; line = await source.line()) {
      const root = JSON.parse(line) as CacheRoot
      await unpack(source.pieces(), tar => put(root, tar))
    }
  } finally {
    body.destroy()
  }
}

async function unpack(bytes: AsyncIterable<Buffer>, put: (tar: Readable) => Promise<void>): Promise<void> {
  const zstd = createZstdDecompress({ chunkSize: CHUNK })
  zstd.on('error', () => {}) // told by the pipeline
  offerTransient(zstd, () => freed(zstd))
  const unpacking = put(zstd).catch(error => {
    zstd.destroy()
    throw error
  })
  const feeding = feed(bytes, zstd)
  const outcomes = await Promise.allSettled([unpacking, feeding])
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** What `zstd` decompresses, in buffers of which each is given back when all of it was worked on. */
async function* freed(zstd: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of zstd) {
    yield piece
    if (piece.byteOffset + piece.length === CHUNK) giveBack(ownMemory(piece))
  }
}

/**
 * Lines and counted bytes of a stream, one after the other. Large buffers that belong to the stream alone are given back as well, each when
 * the one after the next is asked for.
 */
function byteSource(stream: Readable) {
  const chunks = stream[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  let before: Buffer | undefined
  let current: Buffer | undefined
  const more = async () => {
    const next = await chunks.next()
    if (next.done) throw new Error('the cache is cut off')
    if (before && before.length >= OWN_BYTES && before.length === before.buffer.byteLength) giveBack(ownMemory(before))
    before = current
    current = next.value as Buffer
    return current
  }
  async function* bytes(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (held.length === 0) held = await more()
      const part = held.subarray(0, left)
      held = held.subarray(part.length)
      left -= part.length
      yield part
    }
  }
  return {
    bytes,
    async *pieces(): AsyncGenerator<Buffer> {
      for (;;) {
        while (held.length < LENGTH_BYTES) held = Buffer.concat([held, await more()])
        const length = held.readUInt32BE(0)
        held = held.subarray(LENGTH_BYTES)
        if (length === 0) return
        yield* bytes(length)
      }
    },
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
  }
}
