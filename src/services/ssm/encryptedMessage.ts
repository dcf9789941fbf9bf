// Messages of the AWS Encryption SDK, as advanced parameters are kept in: one data key, one block, so that who may decrypt the data key
// can open the message with that SDK as well. Pure.
// AWS: message format version 1, algorithm 0x0178 [Encryption SDK developer guide: message-format, body-aad-reference, algorithms-reference].

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface DataKey {
  readonly plain: Uint8Array
  readonly encrypted: Uint8Array
  /** Of the key that it is encrypted under. */
  readonly keyArn: string
}

type Context = Readonly<Record<string, string>>

export interface Message {
  readonly id: Buffer
  readonly context: Context
  readonly encryptedKey: Buffer
  /** All of the header before its tag. */
  readonly header: Buffer
  readonly headerTag: Buffer
  readonly iv: Buffer
  readonly body: Buffer
  readonly bodyTag: Buffer
}

/** Version 1, customer authenticated encrypted data, AES-256-GCM with a key derived by HKDF-SHA256. */
const PREFIX = Buffer.of(0x01, 0x80, 0x01, 0x78)
const ALGORITHM = PREFIX.subarray(2)
const MESSAGE_ID = 16
const IV = 12
const TAG = 16
const PROVIDER = 'aws-kms'
const NON_FRAMED = 1
const HEADER_IV = Buffer.alloc(IV)
const BODY_IV = Buffer.concat([Buffer.alloc(IV - 1), Buffer.of(1)])

export function sealMessage(dataKey: DataKey, context: Context, plain: Uint8Array): Buffer {
  const id = randomBytes(MESSAGE_ID)
  const header = Buffer.concat([
    PREFIX,
    id,
    sized(contextBytes(context)),
    uint(2, 1),
    sized(Buffer.from(PROVIDER)),
    sized(Buffer.from(dataKey.keyArn)),
    sized(dataKey.encrypted),
    Buffer.of(NON_FRAMED),
    Buffer.alloc(4),
    Buffer.of(IV),
    uint(4, 0),
  ])
  const key = derived(dataKey.plain, id)
  const { tag: headerTag } = seal(key, HEADER_IV, header, Buffer.alloc(0))
  const { body, tag } = seal(key, BODY_IV, bodyAad(id, plain.length), plain)
  return Buffer.concat([header, HEADER_IV, headerTag, BODY_IV, uint(8, plain.length), body, tag])
}

/** Undefined when it is no such message. */
export function readMessage(bytes: Buffer): Message | undefined {
  if (!bytes.subarray(0, PREFIX.length).equals(PREFIX)) return undefined
  let at = PREFIX.length
  const take = (length: number) => {
    if (at + length > bytes.length) throw new RangeError('cut off')
    at += length
    return bytes.subarray(at - length, at)
  }
  const takeSized = () => take(take(2).readUInt16BE())
  try {
    const id = take(MESSAGE_ID)
    const context = readContext(takeSized())
    if (take(2).readUInt16BE() !== 1) return undefined
    takeSized()
    takeSized()
    const encryptedKey = takeSized()
    take(1 + 4 + 1 + 4)
    const header = bytes.subarray(0, at)
    take(IV)
    const headerTag = take(TAG)
    const iv = take(IV)
    const body = take(Number(take(8).readBigUInt64BE()))
    return { id, context, encryptedKey, header, headerTag, iv, body, bodyTag: take(TAG) }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Undefined when it was changed or is not of this context. */
export function openMessage(message: Message, dataKey: Uint8Array, expected: Context): Buffer | undefined {
  if (!Object.entries(expected).every(([name, value]) => message.context[name] === value)) return undefined
  const key = derived(dataKey, message.id)
  const whole = open(key, HEADER_IV, message.header, Buffer.alloc(0), message.headerTag)
  return whole && open(key, message.iv, bodyAad(message.id, message.body.length), message.body, message.bodyTag)
}

const derived = (dataKey: Uint8Array, id: Buffer) =>
  Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), Buffer.concat([ALGORITHM, id]), 32))

const bodyAad = (id: Buffer, length: number) =>
  Buffer.concat([id, Buffer.from('AWSKMSEncryptionClient Single Block'), uint(4, 1), uint(8, length)])

function seal(key: Buffer, iv: Buffer, aad: Buffer, plain: Uint8Array) {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return { body, tag: cipher.getAuthTag() }
}

function open(key: Buffer, iv: Buffer, aad: Buffer, body: Buffer, tag: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(aad).setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    return undefined
  }
}

function contextBytes(context: Context): Buffer {
  const pairs = Object.entries(context)
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
  return Buffer.concat([uint(2, pairs.length), ...pairs.flat().map(sized)])
}

function readContext(bytes: Buffer): Context {
  const pairs: [string, string][] = []
  let at = 2
  const text = () => {
    const from = at + 2
    at = from + bytes.readUInt16BE(at)
    return bytes.toString('utf8', from, at)
  }
  for (let left = bytes.length === 0 ? 0 : bytes.readUInt16BE(0); left > 0; left--) pairs.push([text(), text()])
  return Object.fromEntries(pairs)
}

const sized = (bytes: Uint8Array) => Buffer.concat([uint(2, bytes.length), bytes])

function uint(size: 2 | 4 | 8, value: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, Math.max(0, size - 6), Math.min(size, 6))
  return bytes
}
