// The aws-chunked body of streaming uploads, decoded as it comes: bytes go on at once and each chunk's signature is checked at its end,
// so the receiver must not commit anything before the stream has ended without an error. Memory stays flat.

import { createHash, type Hash, type KeyObject } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { ServiceError } from '../../core/serviceError.ts'
import { type CredentialScope, EMPTY_SHA256, sameText, scopeText, sha256, signText } from './signature.ts'
import { signatureError } from './signatureErrors.ts'

/** What signs the chunks: each signature includes the one before, the first that of the request. */
export interface ChunkSigner {
  readonly key: KeyObject
  readonly dateTime: string
  readonly scope: CredentialScope
  readonly seedSignature: string
}

export interface ChunkedOptions {
  /** Undefined for STREAMING-UNSIGNED-PAYLOAD-TRAILER. */
  readonly signer: ChunkSigner | undefined
  /** Names announced by `x-amz-trailer`, lower case; undefined when the body has no trailers. */
  readonly trailerNames: readonly string[] | undefined
  /** `x-amz-decoded-content-length`. */
  readonly decodedLength: number
}

export type Trailers = Readonly<Record<string, string>>

const LONGEST_LINE = 16_384
// AWS: InvalidChunkSizeError "Only the last chunk is allowed to have a size less than 8192 bytes" [Amazon S3 API reference, sigv4-streaming]
const SMALLEST_CHUNK = 8192

/** Decodes one body; `done` hears the trailers when all was well. */
export function awsChunkedDecoder(options: ChunkedOptions, done: (trailers: Trailers) => void): Transform {
  const { signer } = options
  let state: 'size' | 'data' | 'afterData' | 'trailer' | 'end' = 'size'
  let line = ''
  let left = 0
  let decoded = 0
  let chunk = 0
  let small = 0 // number of a chunk below the limit: wrong as soon as another one with data follows
  let claimed = ''
  let previous = signer?.seedSignature ?? ''
  let hash: Hash | undefined
  const trailers: Record<string, string> = {}

  const checkChunk = () => {
    if (!signer) return
    const digest = hash ? hash.digest('hex') : EMPTY_SHA256
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${signer.dateTime}\n${scopeText(signer.scope)}\n${previous}\n${EMPTY_SHA256}\n${digest}`
    const expected = signText(signer.key, text)
    if (!sameText(expected, claimed)) throw signatureError('s3', 'mismatch')
    previous = expected
  }

  const readSize = (text: string) => {
    const [size = '', ...extensions] = text.split(';')
    if (!/^[0-9a-fA-F]{1,12}$/.test(size)) throw malformedBody()
    left = Number.parseInt(size, 16)
    chunk++
    claimed =
      extensions.find(extension => extension.startsWith('chunk-signature='))?.slice('chunk-signature='.length) ?? ''
    if (left > 0 && small > 0) throw chunkTooSmall(small)
    if (left > 0 && left < SMALLEST_CHUNK) small = chunk
    if (decoded + left > options.decodedLength) throw wrongLength()
    hash = signer && left > 0 ? createHash('sha256') : undefined
    if (left > 0) {
      state = 'data'
      return
    }
    checkChunk()
    state = 'trailer'
  }

  const readTrailer = (text: string) => {
    if (text === '') {
      finishTrailers()
      return
    }
    const colon = text.indexOf(':')
    const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const known = name === 'x-amz-trailer-signature' ? signer !== undefined : options.trailerNames?.includes(name)
    if (!known || name in trailers) throw malformedTrailer()
    trailers[name] = text.slice(colon + 1).trim()
  }

  const finishTrailers = () => {
    state = 'end'
    const { 'x-amz-trailer-signature': signature, ...rest } = trailers
    if (options.trailerNames?.some(name => !(name in rest))) throw malformedTrailer()
    if (signer && options.trailerNames) {
      const canonical = Object.keys(rest)
        .sort()
        .map(name => `${name}:${rest[name]}\n`)
        .join('')
      const text = `AWS4-HMAC-SHA256-TRAILER\n${signer.dateTime}\n${scopeText(signer.scope)}\n${previous}\n${sha256(canonical)}`
      if (!sameText(signText(signer.key, text), signature ?? '')) throw signatureError('s3', 'mismatch')
    }
    if (decoded !== options.decodedLength) throw wrongLength()
    done(rest)
  }

  const onLine = (text: string) => {
    switch (state) {
      case 'size':
        return readSize(text)
      case 'afterData':
        if (text !== '') throw malformedBody()
        state = 'size'
        return
      case 'trailer':
        return readTrailer(text)
      default:
        if (text !== '') throw malformedBody()
    }
  }

  return new Transform({
    transform(bytes: Buffer, _encoding, callback: TransformCallback) {
      try {
        let at = 0
        while (at < bytes.length) {
          if (state === 'data') {
            const part = bytes.subarray(at, at + left)
            hash?.update(part)
            this.push(part)
            at += part.length
            left -= part.length
            decoded += part.length
            if (left === 0) {
              checkChunk()
              state = 'afterData'
            }
          } else {
            const newline = bytes.indexOf(10, at)
            const end = newline < 0 ? bytes.length : newline
            line += bytes.toString('latin1', at, end)
            if (line.length > LONGEST_LINE) throw malformedBody()
            at = end + 1
            if (newline < 0) break
            const whole = line.endsWith('\r') ? line.slice(0, -1) : line
            line = ''
            onLine(whole)
          }
        }
        callback()
      } catch (error) {
        callback(error as Error)
      }
    },
    flush(callback: TransformCallback) {
      try {
        if (state === 'trailer' && line !== '') readTrailer(line.trimEnd()) // a last line without its end: accepted, as AWS's example has it
        if (state === 'trailer') finishTrailers()
        if (state !== 'end') throw truncated()
        callback()
      } catch (error) {
        callback(error as Error)
      }
    },
  })
}

const truncated = () => new ServiceError('IncompleteBody', 'The request body terminated unexpectedly', { status: 400 })
const wrongLength = () =>
  new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header.',
    { status: 400 },
  )
const malformedBody = () =>
  new ServiceError('InvalidRequest', 'The body is not well-formed aws-chunked encoding.', { status: 400 })
const malformedTrailer = () =>
  new ServiceError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    { status: 400 },
  )
const chunkTooSmall = (chunk: number) =>
  new ServiceError(
    'InvalidChunkSizeError',
    `Only the last chunk is allowed to have a size less than ${SMALLEST_CHUNK} bytes`,
    { status: 403, fields: { Chunk: chunk } },
  )
