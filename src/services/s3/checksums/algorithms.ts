// The checksums that S3 keeps beside an object: how each is computed, named on the wire, and put together for multipart uploads.
// AWS: "Checking object integrity" [Amazon S3 user guide, checking-object-integrity-upload]: CRC64NVME is FULL_OBJECT only, SHA is
// COMPOSITE only, CRC32 and CRC32C are either; objects sent without a checksum get CRC64NVME.

import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { combineCrc } from './combine.ts'
import { crc32c } from './crc32c.ts'
import { Crc64Nvme } from './crc64nvme.ts'

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'] as const
export type Algorithm = (typeof ALGORITHMS)[number]
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

/** An object's checksum; `value` is base64, with `-N` behind it for a composite of N parts. */
export interface Checksum {
  readonly algorithm: Algorithm
  readonly type: ChecksumType
  readonly value: string
}

export interface Hasher {
  update(bytes: Uint8Array): void
  digest(): Buffer
}

export const DEFAULT_ALGORITHM: Algorithm = 'CRC64NVME'

export const isAlgorithm = (name: string): name is Algorithm => (ALGORITHMS as readonly string[]).includes(name)

/** The member of inputs and outputs: `ChecksumCRC32`. */
export const memberOf = (algorithm: Algorithm) => `Checksum${algorithm}` as const

/** `x-amz-checksum-crc32` */
export const headerOf = (algorithm: Algorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`

/** Bytes of a digest: a value of another length is refused before anything is read. */
export const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
}

export function hasher(algorithm: Algorithm): Hasher {
  switch (algorithm) {
    case 'CRC32':
      return numeric(crc32)
    case 'CRC32C':
      return numeric(crc32c)
    case 'CRC64NVME':
      return new Crc64Nvme()
    default:
      return createHash(algorithm.toLowerCase())
  }
}

function numeric(compute: (bytes: Uint8Array, state: number) => number): Hasher {
  let state = 0
  return {
    update(bytes) {
      state = compute(bytes, state)
    },
    digest() {
      const out = Buffer.alloc(4)
      out.writeUInt32BE(state)
      return out
    },
  }
}

/** What a multipart upload gets when it does not say: COMPOSITE, but FULL_OBJECT for CRC64NVME. */
export const defaultType = (algorithm: Algorithm): ChecksumType =>
  algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'

export function typeAllowed(algorithm: Algorithm, type: ChecksumType): boolean {
  if (algorithm === 'CRC64NVME') return type === 'FULL_OBJECT'
  return type === 'COMPOSITE' || algorithm.startsWith('CRC')
}

/** The checksum of a whole object out of those of its parts (base64). */
export function combine(
  algorithm: Algorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly size: number }[],
): Checksum {
  if (type === 'COMPOSITE') {
    const whole = hasher(algorithm)
    for (const { value } of parts) whole.update(Buffer.from(value, 'base64'))
    return { algorithm, type, value: `${whole.digest().toString('base64')}-${parts.length}` }
  }
  const family = algorithm as 'CRC32' | 'CRC32C' | 'CRC64NVME'
  const whole = parts
    .map(({ value, size }) => ({ crc: BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`), size }))
    .reduce((left, right) => ({
      crc: combineCrc(family, left.crc, right.crc, right.size),
      size: left.size + right.size,
    }))
  const digits = DIGEST_BYTES[algorithm] * 2
  return { algorithm, type, value: Buffer.from(whole.crc.toString(16).padStart(digits, '0'), 'hex').toString('base64') }
}
