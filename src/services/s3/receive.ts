// Takes a body in: bytes to the blob store, checksums on the way, and whatever does not match is deleted again.

import type { Cipheriv } from 'node:crypto'
import { Readable } from 'node:stream'
import type { OpenCall } from '../../operation/call.ts'
import { BLOB_OWNER } from './blobs.ts'
import { type Algorithm, DEFAULT_ALGORITHM, type Hasher, hasher } from './checksums/algorithms.ts'
import { type GivenChecksum, givenChecksum } from './checksums/given.ts'
import { cipherAt, newIv } from './ciphers.ts'
import { fail } from './errors.ts'
import type { Segment } from './ranges.ts'

export interface Received {
  readonly segments: readonly Segment[]
  readonly size: number
  /** Hex of the MD5 of what is stored: of encrypted objects it says nothing about their plain bytes, as on AWS. */
  readonly etag: string
  /** Base64, of `algorithm`. */
  readonly checksum: { readonly algorithm: Algorithm; readonly value: string }
}

/** AWS: "the largest object that can be uploaded in a single PUT is 5 GB" [Amazon S3 user guide, upload-objects]. */
const LARGEST_PUT = 5 * 1024 ** 3

export interface BodyInput {
  readonly Body?: unknown
  readonly ContentLength?: number
  readonly ContentMD5?: string
}

export interface Storing {
  /** Computed and kept whatever the request brings; default: the request's, else CRC64NVME. */
  readonly algorithm?: Algorithm
  /** Encrypts what is stored. All digests are of the plain bytes. */
  readonly key?: Uint8Array | undefined
}

/**
 * Stores the body of `input` and gives what was stored to `commit`; if that throws, or the body is not what its digests say,
 * the bytes are deleted again.
 */
export async function receive<T>(
  call: OpenCall,
  input: BodyInput & Parameters<typeof givenChecksum>[0],
  { algorithm, key }: Storing,
  commit: (received: Received) => Promise<T>,
): Promise<T> {
  const body = bodyOf(input.Body)
  if (body instanceof Readable) body.on('error', () => {}) // it may fail while we look at the rest; reading shows it
  checkLength(input, body)
  const md5 = wantedMd5(input.ContentMD5)
  const given = givenChecksum(input)
  const kept = algorithm ?? given?.algorithm ?? DEFAULT_ALGORITHM
  // The blob store's MD5 is of what it is given; under a key the one that the client means is computed before.
  const wanted: Algorithm[] = [kept, given?.algorithm ?? kept, ...(md5 && key ? ['MD5' as const] : [])]
  const hashers = new Map<Algorithm, Hasher>(wanted.map(name => [name, hasher(name)]))
  const iv = key && newIv()
  const cipher = key && cipherAt(key, iv!)
  const blob = await call.blobs.put(hashing(body, [...hashers.values()], cipher), BLOB_OWNER)
  try {
    const digests = new Map([...hashers].map(([name, one]) => [name, one.digest().toString('base64')]))
    checkMd5(md5, key ? Buffer.from(digests.get('MD5') ?? '', 'base64').toString('hex') : blob.md5)
    if (input.ContentLength !== undefined && input.ContentLength !== blob.size) fail('IncompleteBody')
    await checkGiven(given, digests)
    const received = { size: blob.size, etag: blob.md5, checksum: { algorithm: kept, value: digests.get(kept)! } }
    const segment: Segment = iv === undefined ? [blob.id, 0, blob.size] : [blob.id, 0, blob.size, iv]
    if (blob.size > 0) return await commit({ ...received, segments: [segment] })
  } catch (error) {
    await call.blobs.delete(blob.id).catch(() => {}) // else the sweep of leftovers finds it
    throw error
  }
  await call.blobs.delete(blob.id)
  return commit({
    size: 0,
    etag: blob.md5,
    checksum: { algorithm: kept, value: hasher(kept).digest().toString('base64') },
    segments: [],
  })
}

function checkMd5(expected: string | undefined, calculated: string): void {
  if (expected === undefined || expected === calculated) return
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
  fail('BadDigest', { fields: { ExpectedDigest: base64(expected), CalculatedDigest: base64(calculated) } })
}

async function checkGiven(given: GivenChecksum | undefined, digests: ReadonlyMap<Algorithm, string>): Promise<void> {
  const expected = await given?.value()
  if (!given || expected === undefined || expected === digests.get(given.algorithm)) return
  // AWS: "The CRC32 you specified did not match the calculated checksum."
  fail('BadDigest', { message: `The ${given.algorithm} you specified did not match the calculated checksum.` })
}

/** In process a Body is bytes or a text as well; on the wire it is a stream. */
function bodyOf(body: unknown): Readable | Uint8Array {
  if (body === undefined || body === null) return new Uint8Array(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array || body instanceof Readable) return body
  throw new TypeError('Body must be a string, a Uint8Array or a Readable')
}

function checkLength({ ContentLength }: BodyInput, body: Readable | Uint8Array): void {
  const size = ContentLength ?? (body instanceof Uint8Array ? body.length : 0)
  if (size > LARGEST_PUT) fail('EntityTooLarge', { fields: { ProposedSize: size, MaxSizeAllowed: LARGEST_PUT } })
}

function wantedMd5(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const bytes = Buffer.from(header, 'base64')
  if (bytes.length !== 16) fail('InvalidDigest', { fields: { 'Content-MD5': header } })
  return bytes.toString('hex')
}

/** Piece by piece: a stream that holds several puts them together when it is read, in new memory. */
function hashing(body: Readable | Uint8Array, hashers: readonly Hasher[], cipher: Cipheriv | undefined): Readable {
  return Readable.from(pieces(body, hashers, cipher), { objectMode: false, highWaterMark: 1 })
}

async function* pieces(
  body: Readable | Uint8Array,
  hashers: readonly Hasher[],
  cipher: Cipheriv | undefined,
): AsyncGenerator<Uint8Array> {
  const step = 1024 * 1024
  const source = body instanceof Readable ? body : slices(body, step)
  for await (const piece of source) {
    const bytes: Uint8Array = typeof piece === 'string' ? Buffer.from(piece) : piece
    for (const one of hashers) one.update(bytes)
    if (bytes.length > 0) yield cipher ? cipher.update(bytes) : bytes
  }
}

function* slices(bytes: Uint8Array, step: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

/** The digests of bytes that are stored already (parts copied from objects): read once, not written. */
export async function digestStored(
  bytes: AsyncIterable<Uint8Array>,
  algorithm: Algorithm,
): Promise<{ readonly md5: string; readonly checksum: { readonly algorithm: Algorithm; readonly value: string } }> {
  const md5 = hasher('MD5')
  const checksum = hasher(algorithm)
  for await (const piece of bytes) {
    md5.update(piece)
    checksum.update(piece)
  }
  return { md5: md5.digest().toString('hex'), checksum: { algorithm, value: checksum.digest().toString('base64') } }
}
