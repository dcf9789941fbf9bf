// AES-256 in counter mode over the bytes of a blob: it has no beginning that must be read first, so ranges start at any byte and
// parts stay where they are. What it does not do is notice changed bytes, as the file system and the blob store do not either.

import { type Cipheriv, createCipheriv, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-ctr'
const BLOCK = 16

/** Where the counter of a blob's first byte stands: 16 random bytes in base64, so that no two blobs under one key meet. */
export const newIv = (): string => randomBytes(BLOCK).toString('base64')

/** Encrypts and decrypts (the same in this mode) what follows from byte `offset` of the blob on. */
export function cipherAt(key: Uint8Array, iv: string, offset = 0): Cipheriv {
  const cipher = createCipheriv(ALGORITHM, key, counterAt(iv, offset))
  const inBlock = offset % BLOCK
  if (inBlock > 0) cipher.update(Buffer.alloc(inBlock))
  return cipher
}

/** The counter is one number of 128 bits, which begins again behind its end. */
function counterAt(iv: string, offset: number): Buffer {
  const first = BigInt(`0x${Buffer.from(iv, 'base64').toString('hex')}`)
  const counter = BigInt.asUintN(128, first + BigInt(Math.floor(offset / BLOCK)))
  return Buffer.from(counter.toString(16).padStart(2 * BLOCK, '0'), 'hex')
}
