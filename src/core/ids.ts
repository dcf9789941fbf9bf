// Identifiers, unguessable by default; tests may inject a predictable source.

import { randomBytes, randomUUID } from 'node:crypto'

export interface Ids {
  /** A lower-case UUID v4. */
  uuid(): string
  /** `length` characters drawn evenly from `alphabet`. */
  text(length: number, alphabet?: string): string
}

export const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** What AWS uses after AKIA, ASIA, AROA ...: base 32. */
export const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export const randomIds: Ids = {
  uuid: randomUUID,
  text(length, alphabet = ALPHANUMERIC) {
    const limit = 256 - (256 % alphabet.length) // bytes above would favour the first letters
    let out = ''
    while (out.length < length) {
      for (const byte of randomBytes(length * 2)) {
        if (byte < limit && out.length < length) out += alphabet[byte % alphabet.length]
      }
    }
    return out
  },
}
