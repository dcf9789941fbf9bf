// A cache as one stream: a line, then each root as a line of JSON that names its place, and its tar in frames of zstd, each after its length. So it
// is written and read without being held anywhere, two frames are worked on at once, and what was cut off is seen.

import { type Duplex, Readable } from 'node:stream'
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

const MAGIC = 'codeyard-cache-3'
/** What a frame holds at most. */
const FRAME = 1024 * 1024
/** More than zstd makes of one, also when it does not compress. */
const MAX_PACKED = FRAME + 8192
/** What zlib writes frames into, one behind the other. */
const CHUNK = 1024 * 1024
const MAX_HEADER = 1024 * 1024
const LENGTH_BYTES = 4
const RESULTS_AHEAD = 2
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

/** Frames, each after its length, and a length of zero. */
async function* compressed(tar: Readable): AsyncGenerator<Buffer> {
  for await (const frame of ahead(framed(transientPieces(tar)), openCompress)) {
    yield lengthOf(frame.reduce((sum, { length }) => sum + length, 0))
    for (const part of frame) yield isLast(part) ? ownMemory(part) : part
  }
  yield lengthOf(0)
}

/** What frames are made of: no piece is larger. */
async function* framed(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces)
    if (piece.length <= FRAME) yield piece
    else for (let at = 0; at < piece.length; at += FRAME) yield piece.subarray(at, at + FRAME)
}

// Level 1: a cache is written once and read often, and must not take longer than what it saves.
const openCompress = () =>
  createZstdCompress({
    chunkSize: CHUNK,
    flush: constants.ZSTD_e_end, // each piece becomes a frame
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  })
const openDecompress = () => createZstdDecompress({ chunkSize: CHUNK })

/** Nothing comes later in the memory that zlib made for it and others. */
const isLast = (part: Buffer) => part.byteOffset + part.length === CHUNK

/** What zlib makes of each piece, in order, and a few ahead of whoever reads it. A piece must be good until the one after the next is asked for. */
function ahead(pieces: AsyncIterable<Uint8Array>, open: () => Duplex): AsyncIterable<Buffer[]> {
  return Readable.from(twoAtOnce(pieces, open), { highWaterMark: RESULTS_AHEAD })
}

async function* twoAtOnce(pieces: AsyncIterable<Uint8Array>, open: () => Duplex): AsyncGenerator<Buffer[]> {
  let [first, second] = [laneOf(open()), laneOf(open())]
  try {
    let before: Promise<Buffer[]> | undefined
    for await (const piece of pieces) {
      const now = first.make(piece)
      now.catch(() => {}) // awaited below, unless the reader went away
      if (before) yield await before
      before = now
      ;[first, second] = [second, first]
    }
    if (before) yield await before
  } finally {
    first.close()
    second.close()
  }
}

/** One piece at a time through `zlib`, which may make no more of it than a frame has. */
function laneOf(zlib: Duplex) {
  let made: Buffer[] = []
  let size = 0
  let fail = (_: Error) => {}
  zlib.on('error', error => fail(error))
  zlib.on('data', (part: Buffer) => {
    made.push(part)
    size += part.length
    if (size <= MAX_PACKED) return
    fail(new Error('the cache is broken: a frame is too large'))
    zlib.destroy()
  })
  return {
    make: (piece: Uint8Array) =>
      new Promise<Buffer[]>((resolve, reject) => {
        fail = reject
        zlib.write(piece, error => {
          if (error) return reject(error)
          resolve(made)
          made = []
          size = 0
        })
      }),
    close: () => void zlib.destroy(),
  }
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES)
  bytes.writeUInt32BE(length)
  return bytes
}

/** Gives each root's tar to `put`, in order. Rejects when the file is no cache or is cut off. The buffers of `body` must be nobody else's. */
export async function readCache(body: Readable, put: (root: CacheRoot, tar: Readable) => Promise<void>): Promise<void> {
  const source = byteSource(body)
  try {
    if ((await source.line()) !== MAGIC) throw new Error('it is not a cache of this kind')
    for (let line = await source.line(); line !== ''; line = await source.line()) {
      const root = JSON.parse(line) as CacheRoot
      const frames = source.frames()
      // Who stops reading does not end them.
      await put(root, decompressed({ [Symbol.asyncIterator]: () => ({ next: () => frames.next() }) }))
      for await (const _ of frames);
    }
  } finally {
    body.destroy()
  }
}

function decompressed(frames: AsyncIterable<Buffer>): Readable {
  async function* parts() {
    for await (const made of ahead(frames, openDecompress)) yield* made
  }
  /** Each is given back when the one after the next is asked for. */
  async function* transient() {
    let before: Buffer | undefined
    for await (const part of parts()) {
      yield part
      if (before && isLast(before)) giveBack(ownMemory(before))
      before = part
    }
  }
  const tar = Readable.from(parts(), { objectMode: false, highWaterMark: FRAME })
  offerTransient(tar, transient)
  return tar
}

/** Lines and frames of a stream, one after the other. */
function byteSource(stream: Readable) {
  const chunks = stream[Symbol.asyncIterator]()
  let chunk: Buffer = Buffer.alloc(0)
  /** What of the last chunk was not taken yet, and perhaps what was before it. */
  let held = chunk
  const more = async () => {
    const next = await chunks.next()
    if (next.done) throw new Error('the cache is cut off')
    chunk = next.value as Buffer
    return chunk
  }
  /** The next bytes, in memory of their own. */
  const take = async (count: number): Promise<Buffer> => {
    const taken = Buffer.allocUnsafeSlow(count)
    for (let size = 0; ; held = await more()) {
      const copied = held.copy(taken, size)
      size += copied
      held = held.subarray(copied)
      if (size === count) return taken
      // All of it is copied.
      if (chunk.length >= OWN_BYTES && chunk.length === chunk.buffer.byteLength) giveBack(ownMemory(chunk))
    }
  }
  return {
    /** Each is given back when the one after the next is asked for. */
    async *frames(): AsyncGenerator<Buffer> {
      for (let before: Buffer | undefined; ; ) {
        const length = (await take(LENGTH_BYTES)).readUInt32BE(0)
        if (length === 0) return
        if (length > MAX_PACKED) throw new Error('the cache is broken: a frame is too large')
        const frame = await take(length)
        yield frame
        if (before) giveBack(ownMemory(before))
        before = frame
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
