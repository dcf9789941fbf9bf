// Cuts any source of bytes into pieces that are cheap to hash and to write, without holding more than one batch.

import type { Readable } from 'node:stream'

const BATCH_BYTES = 1024 * 1024
/** Below the 1,024 vectors that one writev may have. */
const BATCH_BUFFERS = 512

/** Batches of about 1 MB: arrays of the source's own buffers, never copied. */
export async function* batches(bytes: Readable | Uint8Array): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = []
  let size = 0
  for await (const piece of bytes instanceof Uint8Array ? slices(bytes) : bytes) {
    const buffer: Uint8Array = typeof piece === 'string' ? Buffer.from(piece) : piece
    if (buffer.length === 0) continue
    batch.push(buffer)
    size += buffer.length
    if (size < BATCH_BYTES && batch.length < BATCH_BUFFERS) continue
    yield batch
    batch = []
    size = 0
  }
  if (batch.length > 0) yield batch
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BATCH_BYTES) yield bytes.subarray(at, at + BATCH_BYTES)
}

/** The bytes of many blobs behind each other; the next one is opened when the one before is read. */
export async function* chain(ids: readonly string[], get: (id: string) => Promise<Readable>): AsyncGenerator<Buffer> {
  for (const id of ids) yield* await get(id)
}
