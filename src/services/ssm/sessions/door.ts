// Where the WebSockets of sessions arrive. A connection has a few seconds to show the token of its session; the token is good once.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Scope } from '../../../core/scope.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Terminal, TerminalSize } from '../../../sandbox/terminal.ts'
import { sessionKind } from './documents.ts'
import { type ServedSession, serveSession } from './serveSession.ts'
import { deleteSession, END_CHANNEL, redeemToken, type SessionRow } from './sessions.ts'

/** What is wanted in a target: a shell, or `line`, with a person at it or without. */
export interface TerminalWish {
  readonly size: TerminalSize
  readonly line?: string
  readonly interactive: boolean
}

export interface SessionDoorParts {
  /** Acts as Systems Manager itself in a scope. */
  openCall(scope: Scope): OpenCall
  /** A terminal where the target is; rejects with a sentence for the person who waits. */
  openTerminal(scope: Scope, target: string, wish: TerminalWish): Promise<Terminal>
}

const PATH = /^\/v1\/data-channel\/([\w.-]{1,96})(?:\?|$)/
const TOKEN_TIMEOUT = 15_000
const PING_MS = 30_000
/** Frames of a client: a kilobyte of keys, with its header. */
const LARGEST = 1 << 20
const MOST_CONNECTIONS = 500

/** An HTTP door (see transports/http) for GET /v1/data-channel/SESSION. `close` ends all sessions. */
export async function sessionDoor({ openCall, openTerminal }: SessionDoorParts) {
  const nowhere: Scope = { account: '', region: '' }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST, perMessageDeflate: false })
  const served = new Map<string, ServedSession>()
  const open = new Set<WebSocket>()
  const unlisten = await openCall(nowhere).listen(END_CHANNEL, id => served.get(id)?.end('the session was terminated'))

  async function connect(socket: WebSocket, id: string) {
    open.add(socket)
    const warn = (error: unknown) => openCall(nowhere).log.warn({ err: error, session: id }, 'a session had a problem')
    let alive = true
    const ping = setInterval(() => {
      if (!alive) return socket.terminate()
      alive = false
      socket.ping()
    }, PING_MS)
    socket.on('pong', () => {
      alive = true
    })
    socket.on('error', () => {})
    try {
      const row = await admitted(socket, id)
      if (!row) return socket.close(1008, 'the token is not good for this session')
      await serve(socket, row, warn)
    } catch (error) {
      warn(error)
    } finally {
      clearInterval(ping)
      open.delete(socket)
      socket.close(1000)
      setTimeout(() => socket.terminate(), 2_000).unref()
    }
  }

  /** The session, once its token was shown. */
  async function admitted(socket: WebSocket, id: string): Promise<SessionRow | undefined> {
    const text = await new Promise<string | undefined>(resolve => {
      const timer = setTimeout(() => resolve(undefined), TOKEN_TIMEOUT)
      socket.once('message', data => resolve(data.toString()))
      socket.once('close', () => resolve(undefined))
      void socket.once('close', () => clearTimeout(timer)).once('message', () => clearTimeout(timer))
    })
    const token = tokenOf(text)
    if (token === undefined) return undefined
    const call = openCall(nowhere)
    return await call.transaction(({ tx, now }) => redeemToken(tx, id, token, now))
  }

  async function serve(socket: WebSocket, row: SessionRow, warn: (error: unknown) => void) {
    const kind = sessionKind(row.document, row.parameters)
    const { account, region } = row
    const session = serveSession({
      id: row.id,
      kind,
      wire: {
        send: bytes => void (socket.readyState === WebSocket.OPEN && socket.send(bytes)),
        get waiting() {
          return socket.bufferedAmount
        },
      },
      now: () => openCall(nowhere).now.getTime(),
      open: size =>
        openTerminal({ account, region }, row.target, {
          size,
          ...(kind.line !== undefined && { line: kind.line }),
          interactive: kind.type !== 'NonInteractiveCommands',
        }),
      warn,
    })
    served.set(row.id, session)
    socket.on('message', (data, isBinary) => {
      if (isBinary) session.receive(data as Buffer)
    })
    socket.once('close', () => session.end('the connection was closed'))
    if (socket.readyState !== WebSocket.OPEN) session.end('the connection was closed')
    try {
      await session.over
    } finally {
      served.delete(row.id)
      await openCall(nowhere).transaction(({ tx }) => deleteSession(tx, row.id))
    }
  }

  return {
    matches: ({ url = '' }: IncomingMessage) => PATH.test(url),
    /** A request that asks for no WebSocket. */
    async handle(_request: IncomingMessage, response: ServerResponse): Promise<void> {
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'Upgrade', upgrade: 'websocket' })
      response.end('a data channel is a WebSocket\n')
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const [, id] = PATH.exec(request.url ?? '') ?? []
      if (open.size >= MOST_CONNECTIONS)
        return void socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n')
      sockets.handleUpgrade(request, socket, head, connection => void connect(connection, id!))
    },
    async close(): Promise<void> {
      await unlisten()
      const left = [...served.values()]
      for (const session of left) session.end('the server stops')
      await Promise.all(left.map(({ over }) => over))
      for (const socket of open) socket.terminate()
    },
  }
}

// AWS: the first message is text: MessageSchemaVersion, RequestId, TokenValue, ClientId, ClientVersion [session-manager-plugin].
function tokenOf(text: string | undefined): string | undefined {
  try {
    const { TokenValue } = JSON.parse(text ?? 'null') as { TokenValue?: unknown }
    return typeof TokenValue === 'string' && TokenValue.length <= 300 ? TokenValue : undefined
  } catch {
    return undefined
  }
}
