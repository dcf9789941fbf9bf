// The agent's end of a session: handshake, then a terminal at one end and the data channel at the other.

import type { Readable } from 'node:stream'
import { within } from '../../../core/bounded.ts'
import { type AgentMessage, Flag, PayloadType } from '../../../protocol/dataChannel/agentMessage.ts'
import { createDataChannel, PAYLOAD_BYTES, type Wire } from '../../../protocol/dataChannel/dataChannel.ts'
import type { Terminal, TerminalSize } from '../../../sandbox/terminal.ts'
import type { SessionKind } from './documents.ts'

export interface SessionParts {
  readonly id: string
  readonly kind: SessionKind
  readonly wire: Wire
  open(size: TerminalSize): Promise<Terminal>
  now(): number
  /** A sentence for the log of the server, when something is wrong. */
  warn(error: unknown): void
}

export interface ServedSession {
  receive(frame: Buffer): void
  /** Ends it, with a sentence for the client. */
  end(why: string): void
  /** Resolves when the terminal is closed and the client has been told. */
  readonly over: Promise<void>
}

/** AWS: after 15 s without an answer the agent gives the handshake up [amazon-ssm-agent, datachannel]. */
const HANDSHAKE_MS = 15_000
/** How long the client has to take the last output. */
const LAST_MS = 10_000
/** The plugin says its size right after the handshake; a shell that starts before it redraws. */
const SIZE_MS = 300
const AGENT_VERSION = '3.3.0.0'
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 }

export function serveSession(parts: SessionParts): ServedSession {
  const { id, kind, wire, now } = parts
  const answered = Promise.withResolvers<void>()
  const sized = Promise.withResolvers<void>()
  const ending = Promise.withResolvers<string>()
  let size: TerminalSize | undefined
  let opening: Promise<Terminal> | undefined
  let terminal: Terminal | undefined
  /** What is typed before the terminal is there. */
  let typed: Buffer[] = []

  const channel = createDataChannel({
    wire,
    sends: 'output_stream_data',
    now,
    heard: message => hear(message),
    closed: ({ Output }) => ending.resolve(Output),
    lost: () => ending.resolve('the client does not answer'),
  })

  function hear({ payloadType, payload }: AgentMessage) {
    switch (payloadType) {
      case PayloadType.output:
        if (terminal) terminal.write(payload)
        else if (typed.length < 1_000) typed.push(payload)
        return
      case PayloadType.size: {
        const wanted = sizeOf(payload)
        if (!wanted) return
        size = wanted
        sized.resolve()
        void terminal?.resize(wanted).catch(parts.warn)
        return
      }
      case PayloadType.handshakeResponse:
        answered.resolve()
        return
      case PayloadType.flag:
        if (payload.length === 4 && payload.readUInt32BE() === Flag.terminateSession) ending.resolve('')
        return
      default: // nothing else is for a terminal
    }
  }

  async function shakeHands() {
    const started = now()
    const action = { ActionType: 'SessionType', ActionParameters: { SessionType: kind.type, Properties: {} } }
    const request = { AgentVersion: AGENT_VERSION, RequestedClientActions: [action] }
    channel.send(PayloadType.handshakeRequest, Buffer.from(JSON.stringify(request)))
    await within(HANDSHAKE_MS, 'the client did not answer the handshake', answered.promise)
    // Nanoseconds, as Go has its durations.
    const complete = { HandshakeTimeToComplete: Math.round((now() - started) * 1e6), CustomerMessage: '' }
    channel.send(PayloadType.handshakeComplete, Buffer.from(JSON.stringify(complete)))
  }

  async function pump(output: Readable) {
    for await (const chunk of output as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += PAYLOAD_BYTES) {
        await channel.room()
        channel.send(PayloadType.output, chunk.subarray(at, at + PAYLOAD_BYTES))
      }
    }
  }

  async function serve(): Promise<{ readonly why: string; readonly exitCode?: number }> {
    await shakeHands()
    if (kind.type !== 'NonInteractiveCommands') await within(SIZE_MS, 'no size', sized.promise).catch(() => {})
    opening = parts.open(size ?? DEFAULT_SIZE)
    terminal = await opening
    if (!terminal.isTerminal && kind.type !== 'NonInteractiveCommands')
      channel.send(PayloadType.output, Buffer.from('There is no pseudo-terminal in this environment: lines only.\r\n'))
    if (size) await terminal.resize(size)
    for (const bytes of typed) terminal.write(bytes)
    typed = []
    await pump(terminal.output)
    const { exitCode } = await terminal.result
    return { why: '', exitCode }
  }

  async function run() {
    const failed = (error: unknown) => {
      parts.warn(error)
      return { why: (error as Error).message }
    }
    const served: Promise<{ why: string; exitCode?: number }> = serve().catch(failed)
    const { why, exitCode } = await Promise.race([
      served,
      ending.promise.then(text => ({ why: text, exitCode: undefined })),
    ])
    // AWS: the status of a command that nobody types into is a message of its own [amazon-ssm-agent, shell].
    if (exitCode !== undefined && kind.type === 'NonInteractiveCommands')
      channel.send(PayloadType.exitCode, Buffer.from(`EXIT_CODE: ${exitCode}`))
    if (exitCode !== undefined) await within(LAST_MS, 'not taken', channel.acknowledged()).catch(() => {})
    channel.close({ SessionId: id, Output: why, ...(exitCode !== undefined && { ExitCode: exitCode }) })
    channel.end()
    await (await opening?.catch(() => undefined))?.close()
  }

  return { receive: frame => channel.receive(frame), end: why => ending.resolve(why), over: run().catch(parts.warn) }
}

function sizeOf(payload: Buffer): TerminalSize | undefined {
  try {
    const { cols, rows } = JSON.parse(payload.toString()) as { cols: unknown; rows: unknown }
    return typeof cols === 'number' && typeof rows === 'number' ? { columns: cols, rows } : undefined
  } catch {
    return undefined
  }
}
