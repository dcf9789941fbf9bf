// The binary frame of Session Manager's data channel, as its plugin and its agent write and read it.
//
// AWS: big endian; header length (4, always 116), type (32, padded with spaces), schema version (4), created in ms (8), sequence number (8),
// flags (8), id (16: the second half of the UUID comes first), SHA-256 of the payload (32), payload type (4), payload length (4), payload
// [amazon-ssm-agent, session contracts; session-manager-plugin, message].

import { createHash, randomUUID } from 'node:crypto'

export type MessageType =
  | 'input_stream_data'
  | 'output_stream_data'
  | 'acknowledge'
  | 'channel_closed'
  | 'start_publication'
  | 'pause_publication'

export const PayloadType = {
  none: 0,
  output: 1,
  error: 2,
  size: 3,
  parameter: 4,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  encryptionChallengeRequest: 8,
  encryptionChallengeResponse: 9,
  flag: 10,
  standardError: 11,
  exitCode: 12,
} as const

/** The big-endian number that a payload of type `flag` is. */
export const Flag = { disconnectToPort: 1, terminateSession: 2, connectToPortError: 3 } as const

/** Bits of `flags`: first and last of a stream. */
export const SYN = 1n
export const FIN = 2n

export interface AgentMessage {
  /** A MessageType, or one that is not known here. */
  readonly type: string
  readonly id: string
  readonly createdAt: number
  readonly sequence: number
  readonly flags: bigint
  readonly payloadType: number
  readonly payload: Buffer
}

const HEADER = 116
const PAYLOAD = 120
const SCHEMA_VERSION = 1

export function encodeMessage(
  message: Pick<AgentMessage, 'payload'> & { readonly type: MessageType } & Partial<Omit<AgentMessage, 'type'>>,
  now: number,
): Buffer {
  const { payload, id = randomUUID(), createdAt = now, sequence = 0, flags = 0n, payloadType = 0 } = message
  const bytes = Buffer.alloc(PAYLOAD + payload.length)
  bytes.writeUInt32BE(HEADER, 0)
  bytes.fill(' ', 4, 36)
  bytes.write(message.type, 4, 'latin1')
  bytes.writeUInt32BE(SCHEMA_VERSION, 36)
  bytes.writeBigUInt64BE(BigInt(createdAt), 40)
  bytes.writeBigInt64BE(BigInt(sequence), 48)
  bytes.writeBigUInt64BE(flags, 56)
  const uuid = Buffer.from(id.replaceAll('-', ''), 'hex')
  uuid.copy(bytes, 64, 8, 16)
  uuid.copy(bytes, 72, 0, 8)
  createHash('sha256').update(payload).digest().copy(bytes, 80)
  bytes.writeUInt32BE(payloadType, 112)
  bytes.writeUInt32BE(payload.length, HEADER)
  payload.copy(bytes, PAYLOAD)
  return bytes
}

/** Undefined for what is no message: too short, a length that does not fit, a digest that is not the payload's. */
export function decodeMessage(bytes: Buffer): AgentMessage | undefined {
  if (bytes.length < PAYLOAD) return undefined
  const header = bytes.readUInt32BE(0)
  if (header < HEADER || header + 4 > bytes.length) return undefined
  const payload = bytes.subarray(header + 4)
  if (bytes.readUInt32BE(header) !== payload.length) return undefined
  const digest = bytes.subarray(80, 112)
  if (payload.length > 0 && !createHash('sha256').update(payload).digest().equals(digest)) return undefined
  const sequence = bytes.readBigInt64BE(48)
  if (sequence < 0n || sequence > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  const hex = Buffer.concat([bytes.subarray(72, 80), bytes.subarray(64, 72)]).toString('hex')
  return {
    type: bytes.toString('latin1', 4, 36).replaceAll('\0', '').trim(),
    id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    createdAt: Number(bytes.readBigUInt64BE(40)),
    sequence: Number(sequence),
    flags: bytes.readBigUInt64BE(56),
    payloadType: bytes.readUInt32BE(112),
    payload,
  }
}
