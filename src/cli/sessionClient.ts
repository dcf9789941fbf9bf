// The client's end of a Session Manager session: what session-manager-plugin is to the aws command line.

import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { within } from '../core/bounded.ts'
import { type AgentMessage, Flag, PayloadType } from '../protocol/dataChannel/agentMessage.ts'
import { createDataChannel } from '../protocol/dataChannel/dataChannel.ts'

/** As StartSession answers it, and with small first letters StartSandboxConnection. */
export interface SessionTicket {
  readonly sessionId: string
  readonly tokenValue: string
  readonly streamUrl: string
}

export interface SessionEnd {
  /** Of the command; undefined when the session was cut off. */
  readonly exitCode?: number
  /** Why the other end closed the session, if it says so. */
  readonly reason: string
}

export interface ClientSession {
  write(bytes: Buffer): void
  resize(size: { readonly columns: number; readonly rows: number }): void
  /** Resolves when keys may wait for room to go. */
  room(): Promise<void>
  /** Asks the other end to finish. */
  terminate(): void
  readonly over: Promise<SessionEnd>
}

export interface SessionHandlers {
  output(bytes: Buffer): void
  errorOutput(bytes: Buffer): void
}

const OPEN_MS = 20_000
const CLIENT_VERSION = '1.2.0.0'

/** Resolves when the session is open: the other end has shaken hands. Rejects with a sentence. */
export async function openSession(ticket: SessionTicket, handlers: SessionHandlers): Promise<ClientSession> {
  const socket = new WebSocket(ticket.streamUrl, { perMessageDeflate: false })
  const ready = Promise.withResolvers<void>()
  const over = Promise.withResolvers<SessionEnd>()
  let exitCode: number | undefined
  ready.promise.catch(() => {})

  const finish = (end: SessionEnd) => {
    channel.end()
    over.resolve(end)
    ready.reject(new Error(end.reason || 'the session was closed before it began'))
    socket.close()
    setTimeout(() => socket.terminate(), 2_000).unref()
  }
  const channel = createDataChannel({
    wire: {
      send: bytes => void (socket.readyState === WebSocket.OPEN && socket.send(bytes)),
      get waiting() {
        return socket.bufferedAmount
      },
    },
    sends: 'input_stream_data',
    now: () => Date.now(),
    heard: message => hear(message),
    closed: ({ Output, ExitCode }) => finish({ reason: Output, exitCode: exitCode ?? ExitCode }),
    lost: () => finish({ reason: 'the server does not answer', exitCode }),
  })

  function hear({ payloadType, payload }: AgentMessage) {
    switch (payloadType) {
      case PayloadType.output:
        return handlers.output(payload)
      case PayloadType.standardError:
        return handlers.errorOutput(payload)
      case PayloadType.exitCode: {
        const [, code] = /^EXIT_CODE: (\d+)$/.exec(payload.toString()) ?? []
        if (code !== undefined) exitCode = Number(code)
        return
      }
      case PayloadType.handshakeRequest:
        return channel.send(PayloadType.handshakeResponse, Buffer.from(JSON.stringify(answerTo(payload))))
      case PayloadType.handshakeComplete:
        return ready.resolve()
      default: // of no use to a terminal
    }
  }

  socket.once('open', () => {
    const opening = {
      MessageSchemaVersion: '1.0',
      RequestId: randomUUID(),
      TokenValue: ticket.tokenValue,
      ClientId: randomUUID(),
      ClientVersion: CLIENT_VERSION,
    }
    socket.send(JSON.stringify(opening))
  })
  socket.on('message', (data, isBinary) => {
    if (isBinary) channel.receive(data as Buffer)
  })
  socket.once('error', error => finish({ reason: error.message, exitCode }))
  socket.once('close', (_code, why) => finish({ reason: why.toString() || 'the connection was lost', exitCode }))
  try {
    await within(OPEN_MS, 'the session did not open', ready.promise)
  } catch (error) {
    socket.terminate()
    throw error
  }
  return {
    write: bytes => channel.send(PayloadType.output, bytes),
    resize: ({ columns, rows }) => channel.send(PayloadType.size, Buffer.from(JSON.stringify({ cols: columns, rows }))),
    room: () => channel.room(),
    terminate() {
      const flag = Buffer.alloc(4)
      flag.writeUInt32BE(Flag.terminateSession)
      channel.send(PayloadType.flag, flag)
    },
    over: over.promise,
  }
}

/** Every action that can be done is done: a session's type needs no doing. */
function answerTo(payload: Buffer) {
  const { RequestedClientActions = [] } = JSON.parse(payload.toString()) as {
    RequestedClientActions?: { ActionType?: string }[]
  }
  const processed = RequestedClientActions.map(({ ActionType }) =>
    ActionType === 'SessionType'
      ? { ActionType, ActionStatus: 1, ActionResult: null, Error: '' }
      : { ActionType, ActionStatus: 3, ActionResult: null, Error: `Unsupported action ${ActionType}` },
  )
  const errors = processed.flatMap(action => (action.Error ? [action.Error] : []))
  return { ClientVersion: CLIENT_VERSION, ProcessedClientActions: processed, Errors: errors }
}
