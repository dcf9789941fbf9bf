// The life of an API request as one list: whole body where it is signed, identify, authenticate, read, call, write.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Ids } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import type { Scope } from '../../core/scope.ts'
import { isServiceError, ServiceError } from '../../core/serviceError.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { ProtocolName } from '../../model/index.ts'
import type { Principal } from '../../operation/principal.ts'
import { withTrailers } from '../../operation/trailers.ts'
import {
  identify,
  protocols,
  type Refusal,
  readBody,
  type Target,
  type WireRequest,
  wantsWholeBody,
} from '../../protocol/index.ts'
import { decompress } from './decompress.ts'
import { Incoming, isGone } from './incoming.ts'
import { respond } from './respond.ts'

export interface Authenticated {
  readonly principal: Principal
  readonly scope: Scope
  /** The body's real bytes: without chunk framing, failing at its end when they are not what was signed. */
  readonly body: Readable
  /** Headers behind the body, known when it was read. */
  readonly trailers?: Promise<Readonly<Record<string, string>>>
}

/** Throws ServiceError for a request that is not signed as it must be. `service` is the model's name: `events`, `s3`. */
export type Authenticate = (
  request: WireRequest,
  service: string,
  protocol: ProtocolName,
  operation: string,
) => Promise<Authenticated>

export interface ApiParts {
  readonly gateway: Pick<Gateway, 'call'>
  readonly authenticate: Authenticate
  readonly ids: Ids
  readonly log: Log
  /** Names of this server besides localhost, below which buckets are virtual hosts. */
  readonly hosts?: readonly string[]
  /** Limits in milliseconds, shorter in tests. */
  readonly patience?: Patience
}

export interface Patience {
  /** Until the first byte of a connection. */
  readonly firstByte?: number
  /** Until the headers of a request are complete. */
  readonly headers?: number
  /** Until a body is complete that is read whole. */
  readonly body?: number
  /** How long a streamed body may stand still. */
  readonly idle?: number
}

/** A whole body must arrive in this time; streaming ones only must not stand still. */
const BODY_DEADLINE = 60_000
const STREAM_IDLE = 300_000

/** Answers one request; rejects only when a streamed answer breaks. `sendContinue` is for clients that wait for 100. */
export async function apiCall(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  sendContinue?: () => void,
): Promise<void> {
  const requestId = parts.ids.uuid()
  const wire = new Incoming(request)
  let target: Target | Refusal | undefined
  try {
    if (wantsWholeBody(wire)) {
      sendContinue?.()
      wire.bytes = await wholeBody(request, parts.patience?.body ?? BODY_DEADLINE)
    }
    await decompress(wire)
    target = identify(wire, parts.hosts)
    if ('error' in target) throw target.error
    const output = await call(parts, target, { request, response, wire, requestId, sendContinue })
    const answer = target.protocol.writeOutput(target.model, target.operation, output, requestId)
    await respond(request, response, answer)
  } catch (error) {
    if (response.headersSent || isGone(request)) throw error
    const known = isServiceError(error) ? error : unexpected(parts.log, error, requestId)
    const protocol = target?.protocol ?? protocols[guessProtocol(wire)]
    const answer = { requestId, method: wire.method, path: wire.path }
    const refusal = protocol.writeError(target?.model, known, answer)
    if (known.code === 'RequestTimeout') refusal.headers.connection = 'close' // nobody waits for the rest
    await respond(request, response, refusal)
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly wire: Incoming
  readonly requestId: string
  readonly sendContinue: (() => void) | undefined
}

async function call(parts: ApiParts, target: Target, exchange: Exchange): Promise<unknown> {
  const { request, response, wire, requestId } = exchange
  const { principal, scope, body, trailers } = await parts.authenticate(
    wire,
    target.service,
    target.protocol.name,
    target.operation.name,
  )
  if (!wire.bytes) {
    exchange.sendContinue?.()
    wire.setBody(body)
    request.socket.setTimeout(parts.patience?.idle ?? STREAM_IDLE) // node ends it then, and sets it back for the next request
  }
  const input = await target.protocol.readInput(target.model, target.operation, wire, target.labels)
  if (trailers) withTrailers(input as object, { names: trailerNames(wire), values: trailers })
  const hangUp = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) hangUp.abort()
  })
  return parts.gateway.call({
    service: target.service,
    operation: target.operation.name,
    input,
    principal,
    scope,
    origin: originOf(request),
    requestId,
    signal: hangUp.signal,
  })
}

async function wholeBody(request: IncomingMessage, deadline: number): Promise<Buffer> {
  if (request.headers['content-length'] === '0') return Buffer.alloc(0)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new ServiceError('RequestTimeout', 'The request body did not arrive in time.', { status: 400 }))
  }, deadline)
  try {
    return await Promise.race([readBody(request), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function originOf({ socket, headers }: IncomingMessage) {
  return {
    sourceIp: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    userAgent: headers['user-agent'] ?? '',
    secure: 'encrypted' in socket,
  }
}

function trailerNames({ headers }: WireRequest): readonly string[] {
  const names = headers['x-amz-trailer']
  return typeof names === 'string' ? names.split(',').map(name => name.trim().toLowerCase()) : []
}

function unexpected(log: Log, error: unknown, requestId: string): ServiceError {
  log.error({ err: error, requestId }, 'a request failed unexpectedly')
  return new ServiceError(
    'InternalFailure',
    `The request processing has failed because of an internal error (request ${requestId}).`,
    { status: 500, cause: error },
  )
}

/** In which form to refuse what could not even be read. */
function guessProtocol({ headers }: WireRequest): ProtocolName {
  if (headers['smithy-protocol'] !== undefined) return 'rpcV2Cbor'
  if (headers['x-amz-target'] !== undefined) return 'awsJson1_1'
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? 'awsQuery' : 'restXml'
}
