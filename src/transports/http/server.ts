// The HTTP server: health, doors, and AWS's APIs behind them, on one port, with and without TLS.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ApiParts, apiCall } from './apiCall.ts'
import type { HttpDoor } from './door.ts'
import { isGone } from './incoming.ts'
import { speakBoth, type TlsParts } from './twoWays.ts'

export interface HttpParts extends ApiParts {
  readonly doors?: readonly HttpDoor[]
  /** What GET /_codeyard/health shows besides `status`; rejects when something is wrong: 503. */
  readonly health?: () => Promise<object>
  /** Plain HTTP only without it. */
  readonly tls?: Omit<TlsParts, 'log'>
}

export interface HttpServer {
  readonly server: Server
  /** Resolves with where it listens; port 0 takes a free one. */
  listen(port: number, host: string): Promise<AddressInfo>
  /** No new connections; running requests may end within `graceMs`, then their connections are cut. */
  close(graceMs?: number): Promise<void>
}

const HEALTH = '/_codeyard/health'

/** What requests that are none are answered with. */
const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

export function createHttpServer(parts: HttpParts): HttpServer {
  const { doors = [], log, patience } = parts
  let closing = false

  const serve = async (request: IncomingMessage, response: ServerResponse, sendContinue?: () => void) => {
    // A client that hangs up shows as an error of its streams; whoever reads them hears it there.
    request.on('error', ignore)
    response.on('error', ignore)
    if (closing) response.setHeader('connection', 'close')
    try {
      if (request.url === HEALTH) return await answerHealth(parts, response)
      const door = doors.find(one => one.matches(request))
      if (!door) return await apiCall(parts, request, response, sendContinue)
      sendContinue?.()
      await door.handle(request, response)
    } catch (error) {
      fail(request, response, error)
    }
  }

  const fail = (request: IncomingMessage, response: ServerResponse, error: unknown) => {
    const hungUp = isGone(request)
    if (!hungUp) log.error({ err: error, method: request.method, url: request.url }, 'an answer broke off')
    if (response.headersSent) response.destroy()
    else response.writeHead(500, { 'content-type': 'text/plain', 'content-length': '15' }).end('internal error\n')
  }

  const server = createServer({
    keepAliveTimeout: 75_000,
    headersTimeout: patience?.headers ?? 60_000,
    connectionsCheckingInterval: Math.min(5000, patience?.headers ?? 5000), // how often it looks who is late
    requestTimeout: 0, // uploads of gigabytes and polls of 80 seconds are normal
    maxHeaderSize: 64 * 1024,
    noDelay: true,
    // Java's client asks every server for HTTP/2 in this way, and means no harm when it does not get it.
    shouldUpgradeCallback: request => upgradeDoor(request) !== undefined,
  })
  const upgradeDoor = (request: IncomingMessage) =>
    /^websocket$/i.test(request.headers.upgrade ?? '')
      ? doors.find(one => one.matches(request) && one.upgrade)
      : undefined
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', ignore)
    const door = upgradeDoor(request)
    if (door?.upgrade && !closing) door.upgrade(request, socket, head)
    else socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  server.on('request', (request, response) => void serve(request, response))
  server.on('checkContinue', (request, response) => {
    let sent = false
    const sendContinue = () => {
      if (!sent && !response.headersSent) response.writeContinue()
      sent = true
    }
    void serve(request, response, sendContinue)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    const status = REFUSALS[error.code ?? ''] ?? '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  })

  const both = parts.tls && speakBoth(server, { ...parts.tls, log }, patience?.firstByte)

  return {
    server,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve(server.address() as AddressInfo)
        })
      }),
    close: (graceMs = 5000) =>
      new Promise(resolve => {
        closing = true
        both?.closeSilent()
        const cut = setTimeout(() => {
          server.closeAllConnections()
          both?.closeSecure()
        }, graceMs)
        // Connections that were busy become idle when their call ends; node closes only those that are idle now.
        const sweep = setInterval(() => server.closeIdleConnections(), 50)
        server.close(() => {
          clearTimeout(cut)
          clearInterval(sweep)
          resolve()
        })
      }),
  }
}

async function answerHealth({ health, log }: HttpParts, response: ServerResponse): Promise<void> {
  let status = 200
  let body: object = { status: 'ok' }
  try {
    body = { ...body, ...(await health?.()) }
  } catch (error) {
    log.warn({ err: error }, 'not healthy')
    status = 503
    body = { status: 'unavailable', reason: (error as Error).message }
  }
  const text = JSON.stringify(body)
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text)
}

const ignore = () => {}
