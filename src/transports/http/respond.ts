// Writes an answer to the socket: bytes at once, streams with back-pressure; a client that still sends is drained a while, then cut.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { WireResponse } from '../../protocol/index.ts'

/** How much of an unread request body is read and thrown away to keep its connection. */
const DRAIN_BYTES = 16 * 1024 * 1024
/** How long the rest of a body may stand still that nobody reads any more. */
const REST_IDLE = 30_000
/** How long a client that goes on sending is listened to, so that it can read the answer before the connection ends. */
const LINGER = 2000

/** Resolves when the answer is handed to the socket. Rejects when a stream fails after headers are out. */
export async function respond(request: IncomingMessage, response: ServerResponse, answer: WireResponse): Promise<void> {
  const { status, headers, body } = answer
  if (response.destroyed || response.headersSent) {
    if (body instanceof Readable) body.destroy()
    return
  }
  // A handler that failed early leaves its body half read, perhaps piped somewhere: let it flow, or the connection stalls.
  if (!request.complete) {
    request.unpipe().resume()
    request.socket?.setTimeout(REST_IDLE)
  }
  const unread = !request.complete && !smallRest(request)
  if (unread) headers.connection = 'close'
  if (body instanceof Readable) {
    response.writeHead(status, headers)
    if (request.method === 'HEAD') {
      body.destroy()
      response.end()
      return
    }
    await pipeline(body, response)
    return
  }
  if (body) headers['content-length'] ??= String(body.length)
  else if (status !== 204 && status !== 304 && request.method !== 'HEAD') headers['content-length'] ??= '0'
  response.writeHead(status, headers)
  if (!unread) {
    response.end(body)
    return
  }
  if (body) response.write(body)
  else response.flushHeaders()
  drain(request, () => response.end())
}

function smallRest(request: IncomingMessage): boolean {
  const length = request.headers['content-length']
  return length === undefined ? request.headers['transfer-encoding'] === undefined : Number(length) <= DRAIN_BYTES
}

function drain(request: IncomingMessage, done: () => void): void {
  const timer = setTimeout(finish, LINGER)
  function finish() {
    clearTimeout(timer)
    request.off('close', finish)
    request.off('end', finish)
    done()
  }
  request.once('close', finish)
  request.once('end', finish)
}
