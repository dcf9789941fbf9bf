// Ciphertexts of symmetric keys: they say which key and material made them. Pure.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export type EncryptionContext = Readonly<Record<string, string>>

/** Where a ciphertext comes from. */
export interface Origin {
  readonly keyId: string
  readonly materialId: string
}

const FORMAT = 1
const KEY = 16
const MATERIAL = 32
const NONCE = 12
const TAG = 16
const HEADER = 1 + KEY + MATERIAL

/** The context as authenticated bytes: sorted, each part with its length before it, so that no two contexts are alike. */
export function contextBytes(context: EncryptionContext | undefined): Buffer {
  const parts = Object.entries(context ?? {})
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
  return Buffer.concat(parts.flat().flatMap(part => [length(part), part]))
}

function length(part: Buffer): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(part.length)
  return bytes
}

export function sealUnder(
  { keyId, materialId }: Origin,
  secret: Uint8Array,
  plain: Uint8Array,
  context: EncryptionContext | undefined,
): Buffer {
  const header = Buffer.concat([
    Buffer.of(FORMAT),
    Buffer.from(keyId.replaceAll('-', ''), 'hex'),
    Buffer.from(materialId, 'hex'),
  ])
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.concat([header, contextBytes(context)]))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([header, nonce, body, cipher.getAuthTag()])
}

/** Which key made it, or undefined when no key of ours did. */
export function originOf(blob: Uint8Array): Origin | undefined {
  if (blob.length < HEADER + NONCE + TAG || blob[0] !== FORMAT) return undefined
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  const id = bytes.toString('hex', 1, 1 + KEY)
  const keyId = [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-')
  return { keyId, materialId: bytes.toString('hex', 1 + KEY, HEADER) }
}

/** Undefined when it was changed, or belongs to another context. */
export function openUnder(
  secret: Uint8Array,
  blob: Uint8Array,
  context: EncryptionContext | undefined,
): Buffer | undefined {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(HEADER, HEADER + NONCE))
    .setAAD(Buffer.concat([bytes.subarray(0, HEADER), contextBytes(context)]))
    .setAuthTag(bytes.subarray(-TAG))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(HEADER + NONCE, -TAG)), decipher.final()])
  } catch {
    return undefined
  }
}
