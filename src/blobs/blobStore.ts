// Object bytes. A blob is written once, whole or not at all, and never changes; names are given by the store.

import type { Readable } from 'node:stream'

export interface BlobStore {
  /**
   * Streams `bytes` in, durable (fsync) when it resolves. If the stream fails, nothing remains. A full disk is a
   * ServiceError ServiceUnavailable (503: clients try again). `owner` (lower-case letters and digits) starts the
   * blob's id: its owner can list what it owns and delete what no row of its own names after a crash.
   */
  put(bytes: Readable | Uint8Array, owner?: string): Promise<Blob>
  /** The bytes `start` to `end` inclusive (all of them by default). Rejects with code ENOENT when there is no such blob. */
  get(id: string, range?: { start: number; end: number }): Promise<Readable>
  /** One blob out of many, in order, read once in small pieces for the MD5 of the whole. */
  concat(ids: readonly string[], owner?: string): Promise<Blob>
  /** Deleting what is not there is fine. */
  delete(id: string): Promise<void>
  /** All blobs of `owner` that were written before `before`, in no order. */
  list(owner: string, before: Date): AsyncIterable<string>
}

export interface Blob {
  readonly id: string
  readonly size: number
  /** Lower-case hex of the content: what S3 puts in an ETag. */
  readonly md5: string
}

/** The owner of blobs that were put without naming one. */
export const NOBODY = 'blob'
