// One end of a data channel: numbered messages that are acknowledged, sent again until they are, and heard in order. The same for both ends;
// one sends output and hears input, the other the reverse.

import { type AgentMessage, decodeMessage, encodeMessage, SYN } from './agentMessage.ts'

/** What a channel needs of its WebSocket. */
export interface Wire {
  send(bytes: Buffer): void
  /** Bytes that were given to `send` and have not left yet. */
  readonly waiting: number
}

export interface DataChannelParts {
  readonly wire: Wire
  readonly sends: 'input_stream_data' | 'output_stream_data'
  now(): number
  /** A message of the other end's stream, in order, each once. */
  heard(message: AgentMessage): void
  /** `channel_closed`, with what the other end says of it. */
  closed(content: ChannelClosed): void
  /** The other end has not acknowledged a message for so long that it must be gone. */
  lost(): void
}

/** The content of `channel_closed`. */
export interface ChannelClosed {
  readonly SessionId: string
  readonly Output: string
  // DEVIATES: how the command of an interactive session ended; AWS's clients can not know it, and pass over the member.
  readonly ExitCode?: number
}

export interface DataChannel {
  send(payloadType: number, payload: Buffer): void
  /** A frame of the WebSocket. */
  receive(frame: Buffer): void
  /** Resolves when there is room to send more. */
  room(): Promise<void>
  /** Resolves when everything sent so far is acknowledged. */
  acknowledged(): Promise<void>
  close(content: ChannelClosed): void
  /** Nothing is sent or awaited any more. */
  end(): void
}

/** AWS: the agent's StreamDataPayloadSize. Longer payloads are cut. */
export const PAYLOAD_BYTES = 1024
/** Messages on their way, and messages that came too early. */
const WINDOW = 256
const WIRE_BYTES = 1 << 20
/** AWS: the plugin answers within 200 ms to 1 s or is sent the message again, for five minutes at most. */
const AGAIN_MS = 1_000
const LOST_MS = 300_000

export function createDataChannel(parts: DataChannelParts): DataChannel {
  const { wire, sends, now } = parts
  const hears = sends === 'input_stream_data' ? 'output_stream_data' : 'input_stream_data'
  const unacknowledged = new Map<number, { readonly bytes: Buffer; readonly first: number; last: number }>()
  const early = new Map<number, AgentMessage>()
  let next = 0
  let expected = 0
  let ended = false
  let waiters: { readonly most: number; readonly resolve: () => void }[] = []

  const wake = () => {
    const full = wire.waiting > WIRE_BYTES
    waiters = waiters.filter(({ most, resolve }) => {
      if (!ended && (unacknowledged.size > most || (most > 0 && full))) return true
      resolve()
      return false
    })
  }
  const until = (most: number) =>
    new Promise<void>(resolve => {
      waiters.push({ most, resolve })
      wake()
    })
  const timer = setInterval(() => {
    wake()
    const [oldest] = unacknowledged.values()
    if (!oldest || now() - oldest.last < AGAIN_MS) return
    if (now() - oldest.first > LOST_MS) return parts.lost()
    oldest.last = now()
    wire.send(oldest.bytes)
  }, AGAIN_MS / 4)
  timer.unref?.()

  // AWS: an acknowledgement is no part of a stream; flags are SYN and FIN.
  const acknowledge = ({ type, id, sequence }: AgentMessage) => {
    const content = {
      AcknowledgedMessageType: type,
      AcknowledgedMessageId: id,
      AcknowledgedMessageSequenceNumber: sequence,
      IsSequentialMessage: true,
    }
    wire.send(encodeMessage({ type: 'acknowledge', flags: 3n, payload: Buffer.from(JSON.stringify(content)) }, now()))
  }
  const take = (message: AgentMessage) => {
    if (message.sequence > expected) {
      // Without an acknowledgement it comes again.
      if (early.size >= WINDOW) return
      early.set(message.sequence, message)
    }
    acknowledge(message)
    if (message.sequence !== expected) return
    for (let one: AgentMessage | undefined = message; one; one = early.get(expected)) {
      early.delete(expected)
      expected++
      parts.heard(one)
    }
  }

  return {
    send(payloadType, payload) {
      if (ended) return
      for (let at = 0; at === 0 || at < payload.length; at += PAYLOAD_BYTES) {
        const sequence = next++
        const flags = sequence === 0 && sends === 'output_stream_data' ? SYN : 0n
        const part = payload.subarray(at, at + PAYLOAD_BYTES)
        const bytes = encodeMessage({ type: sends, sequence, flags, payloadType, payload: part }, now())
        unacknowledged.set(sequence, { bytes, first: now(), last: now() })
        wire.send(bytes)
      }
    },
    receive(frame) {
      if (ended) return
      const message = decodeMessage(frame)
      if (!message) return
      switch (message.type) {
        case hears:
          return take(message)
        case 'acknowledge': {
          const content = contentOf(message)
          unacknowledged.delete(Number(content?.AcknowledgedMessageSequenceNumber))
          return wake()
        }
        case 'channel_closed': {
          const { SessionId, Output, ExitCode } = contentOf(message) ?? {}
          return parts.closed({
            SessionId: String(SessionId ?? ''),
            Output: String(Output ?? ''),
            ...(typeof ExitCode === 'number' && { ExitCode }),
          })
        }
        default: // publication messages, and what later versions say
      }
    },
    room: () => until(WINDOW),
    acknowledged: () => until(0),
    close(content) {
      if (ended) return
      const createdAt = now()
      const text = {
        CreatedDate: String(createdAt),
        DestinationId: '',
        MessageType: 'channel_closed',
        SchemaVersion: 1,
      }
      const payload = Buffer.from(JSON.stringify({ ...text, ...content }))
      wire.send(encodeMessage({ type: 'channel_closed', payload }, createdAt))
    },
    end() {
      ended = true
      clearInterval(timer)
      wake()
    },
  }
}

function contentOf({ payload }: AgentMessage): Record<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(payload.toString())
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
