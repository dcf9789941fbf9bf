// Bodies that must be whole before they are understood: read with a bound, never more than it in memory.

import type { Readable } from 'node:stream'
import { ServiceError } from '../core/serviceError.ts'

/** AWS: the largest request of the RPC protocols. */
export const MAX_BODY = 10 * 1024 * 1024

const EMPTY = Buffer.alloc(0)

/** Rejects with RequestEntityTooLargeException beyond `limit`, and with RequestTimeout-like IncompleteBody when the client stops. */
export function readBody(body: Readable, limit = MAX_BODY): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let size = 0
  let ended = false
  const finish = () => {
    ended = true
    body.off('data', onData)
  }
  const onData = (chunk: Buffer) => {
    size += chunk.length
    if (size <= limit) {
      chunks.push(chunk)
      return
    }
    finish()
    body.resume() // what is left is thrown away, so that the answer can be read
    reject(tooLarge(limit))
  }
  body.on('data', onData)
  body.once('end', () => {
    finish()
    resolve(chunks.length === 0 ? EMPTY : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size))
  })
  body.once('error', reject)
  body.once('close', () => {
    if (!ended) reject(new ServiceError('IncompleteBody', 'The request body terminated unexpectedly', { status: 400 }))
  })
  return promise
}

export function tooLarge(limit: number): ServiceError {
  return new ServiceError('RequestEntityTooLargeException', `Request body must be at most ${limit} bytes long.`, {
    status: 413,
  })
}
