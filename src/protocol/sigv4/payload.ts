// What a request's body must prove: nothing, one hash at its end, or a signature a chunk. Decides from x-amz-content-sha256.

import { createHash } from 'node:crypto'
import { PassThrough, type Readable, Transform } from 'node:stream'
import { ServiceError } from '../../core/serviceError.ts'
import { awsChunkedDecoder, type ChunkSigner, type Trailers } from './awsChunked.ts'
import type { HeaderMap } from './canonicalRequest.ts'
import { sameText } from './signature.ts'

export interface Payload {
  /** The body's real bytes. The stream fails with a ServiceError when they are not what was signed: commit nothing before its end. */
  decode(body: Readable): Readable
  /** Bytes that `decode` will give, when the request says so. */
  readonly contentLength: number | undefined
  /** Headers sent after the body (checksums), lower-case names; resolves when the decoded body ended well, empty without any. */
  readonly trailers: Promise<Trailers>
}

export const UNSIGNED = 'UNSIGNED-PAYLOAD'

/** `hash` is the value that the signature covers; `signer` is absent for anonymous requests. */
export function payloadOf(hash: string, headers: HeaderMap, signer: ChunkSigner | undefined): Payload {
  if (hash.startsWith('STREAMING-')) return chunkedPayload(hash, headers, signer)
  const contentLength = readLength(headers.get('content-length')?.[0])
  if (hash === UNSIGNED)
    return { decode: body => through(body, new PassThrough()), contentLength, trailers: Promise.resolve({}) }
  if (!/^[0-9a-f]{64}$/i.test(hash)) {
    throw new ServiceError(
      'InvalidArgument',
      `x-amz-content-sha256 must be ${UNSIGNED}, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.`,
      { status: 400, fields: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: hash } },
    )
  }
  return { decode: body => through(body, hashCheck(hash.toLowerCase())), contentLength, trailers: Promise.resolve({}) }
}

function chunkedPayload(hash: string, headers: HeaderMap, signer: ChunkSigner | undefined): Payload {
  const kinds = [
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  ]
  if (!kinds.includes(hash)) {
    throw new ServiceError(
      'NotImplemented',
      `x-amz-content-sha256 ${hash} is not supported: only ${kinds.join(', ')}.`,
      { status: 501 },
    )
  }
  const signedChunks = hash.startsWith('STREAMING-AWS4')
  if (signedChunks && !signer) throw new ServiceError('AccessDenied', 'Access Denied', { status: 403 })
  const contentLength = readLength(headers.get('x-amz-decoded-content-length')?.[0])
  if (contentLength === undefined) {
    throw new ServiceError('MissingContentLength', 'You must provide the Content-Length HTTP header.', { status: 411 })
  }
  const trailerNames = hash.endsWith('-TRAILER')
    ? (headers.get('x-amz-trailer') ?? [])
        .flatMap(value => value.split(','))
        .map(name => name.trim().toLowerCase())
        .filter(name => name !== '')
    : undefined
  const { promise, resolve, reject } = Promise.withResolvers<Trailers>()
  promise.catch(() => {}) // who does not ask for trailers need not handle the body's failure twice
  return {
    decode(body) {
      const decoder = awsChunkedDecoder(
        { signer: signedChunks ? signer : undefined, trailerNames, decodedLength: contentLength },
        resolve,
      )
      decoder.once('error', reject)
      decoder.once('close', () => reject(new Error('the body was not read to its end')))
      return through(body, decoder)
    },
    contentLength,
    trailers: promise,
  }
}

function hashCheck(expected: string): Transform {
  const hash = createHash('sha256')
  return new Transform({
    transform(bytes: Buffer, _encoding, callback) {
      hash.update(bytes)
      callback(null, bytes)
    },
    flush(callback) {
      const actual = hash.digest('hex')
      callback(sameText(actual, expected) ? null : hashMismatch(expected, actual))
    },
  })
}

export const hashMismatch = (expected: string, actual: string) =>
  new ServiceError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { status: 400, fields: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: actual } },
  )

/**
 * Errors of either side surface on the transform, which the reader holds. A reader that gives up (a full disk) does not take the
 * connection with it, as a pipeline would: the rest of the body is thrown away, so that the refusal can be read.
 */
function through(body: Readable, transform: Transform): Readable {
  const lost = (error?: Error) => {
    if (body.readableEnded) return
    transform.destroy(
      error ?? new ServiceError('IncompleteBody', 'The request body terminated unexpectedly', { status: 400 }),
    )
  }
  body.once('error', lost)
  body.once('close', () => lost())
  for (const side of [body, transform]) side.on('error', () => {}) // the reader hears it; told once is enough
  transform.once('close', () => {
    body.unpipe(transform)
    body.resume()
  })
  return body.pipe(transform)
}

function readLength(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined
}
