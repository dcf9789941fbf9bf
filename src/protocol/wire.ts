// What protocols see of HTTP: plain values, so that they can be tested without a socket.

import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

export interface WireRequest {
  /** Upper case. */
  readonly method: string
  /** As sent: percent-encoded, never normalized, without the query. */
  readonly path: string
  /** As sent, without the question mark; empty when there is none. */
  readonly rawQuery: string
  /** Names in lower case; repeated headers are joined with a comma. */
  readonly headers: IncomingHttpHeaders
  /** Name, value, name, value ... as sent: what signatures cover. */
  readonly rawHeaders: readonly string[]
  /** The bytes on the wire. When `bytes` is there, a stream over them, made when it is asked for. */
  readonly body: Readable
  /** The whole body, which RPC protocols have read before authentication (their signature covers its hash). Bounded. */
  readonly bytes?: Buffer
  /** What the signature covers, where `bytes` came compressed. */
  readonly signedBytes?: Buffer
}

export interface WireResponse {
  readonly status: number
  /** Content-Length is set by the transport when `body` is a Buffer and the header is not there. */
  readonly headers: Record<string, string>
  readonly body: Buffer | Readable | undefined
}

/** One header's text, or undefined. */
export function header(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}
