// Object bytes. A blob is written once, whole or not at all, and never changes; names are given by the store.

import type { Readable } from 'node:stream'

export interface BlobStore {
  /** Streams `bytes` in, durable (fsync) when it resolves. If the stream fails, nothing remains. */
  put(bytes: Readable | Uint8Array): Promise<Blob>
  /** The bytes `start` to `end` inclusive (all of them by default). Rejects with code ENOENT when there is no such blob. */
  get(id: string, range?: { start: number; end: number }): Promise<Readable>
  /** One blob out of many, in order, without passing through memory (multipart uploads). */
  concat(ids: readonly string[]): Promise<Blob>
  /** Deleting what is not there is fine. */
  delete(id: string): Promise<void>
}

export interface Blob {
  readonly id: string
  readonly size: number
  /** Lower-case hex of the content: what S3 puts in an ETag. */
  readonly md5: string
}
