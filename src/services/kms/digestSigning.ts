// Signing digests that were made elsewhere: OpenSSL as Node shows it only signs messages, so the encodings around a digest are made here
// (PKCS #1 v1.5 and PSS of RFC 8017; ECDSA by the curves library).

import {
  constants,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { Curve, factsOf } from './keySpecs.ts'
import { digestOf } from './keySpecs.ts'

type MaterialFacts = ReturnType<typeof factsOf>['material']

const CURVES = { prime256v1: p256, secp384r1: p384, secp521r1: p521, secp256k1 } satisfies Record<Curve, unknown>

/** The DER prefix of DigestInfo, by digest. */
const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

export function signDigest(key: KeyObject, facts: MaterialFacts, algorithm: string, digest: Uint8Array): Buffer {
  if (facts.kind === 'ec') {
    const secret = Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url')
    return Buffer.from(CURVES[facts.curve].sign(digest, secret, { prehash: false, lowS: false, format: 'der' }))
  }
  if (algorithm.startsWith('RSASSA_PKCS1'))
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(algorithm, digest))
  const bits = bitsOf(facts)
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encodePss(digestOf(algorithm), digest, bits))
}

export function verifyDigest(
  key: KeyObject,
  facts: MaterialFacts,
  algorithm: string,
  { digest, signature }: { digest: Uint8Array; signature: Uint8Array },
): boolean {
  try {
    if (facts.kind === 'ec') {
      const jwk = key.export({ format: 'jwk' })
      const point = Buffer.concat([Buffer.of(4), Buffer.from(jwk.x!, 'base64url'), Buffer.from(jwk.y!, 'base64url')])
      return CURVES[facts.curve].verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' })
    }
    if (algorithm.startsWith('RSASSA_PKCS1')) {
      const found = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature)
      const wanted = digestInfo(algorithm, digest)
      return found.length === wanted.length && timingSafeEqual(found, wanted)
    }
    const bits = bitsOf(facts)
    if (signature.length !== bits / 8) return false
    return checkPss(
      digestOf(algorithm),
      digest,
      publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature),
      bits,
    )
  } catch {
    return false // no signature at all
  }
}

const bitsOf = (facts: MaterialFacts) => (facts.kind === 'rsa' ? facts.bits : 0)

const digestInfo = (algorithm: string, digest: Uint8Array) =>
  Buffer.concat([Buffer.from(DIGEST_INFO[digestOf(algorithm)]!, 'hex'), digest])

const hash = (name: string, ...parts: Uint8Array[]) => {
  const sum = createHash(name)
  for (const part of parts) sum.update(part)
  return sum.digest()
}

/** EMSA-PSS-ENCODE with a salt as long as the digest; `bits` is a multiple of 8, so one bit stays free. */
function encodePss(name: string, digest: Uint8Array, bits: number): Buffer {
  const salt = randomBytes(digest.length)
  const h = hash(name, Buffer.alloc(8), digest, salt)
  const length = bits / 8 - h.length - 1
  const block = Buffer.alloc(length)
  block[length - salt.length - 1] = 1
  salt.copy(block, length - salt.length)
  const masked = mask(name, h, block)
  masked[0]! &= 0x7f
  return Buffer.concat([masked, h, Buffer.of(0xbc)])
}

function checkPss(name: string, digest: Uint8Array, encoded: Buffer, bits: number): boolean {
  const size = digest.length
  const length = bits / 8 - size - 1
  if (encoded.at(-1) !== 0xbc || (encoded[0]! & 0x80) !== 0) return false
  const h = encoded.subarray(length, -1)
  const block = mask(name, h, encoded.subarray(0, length))
  block[0]! &= 0x7f
  const start = length - size - 1
  if (block[start] !== 1 || block.subarray(0, start).some(byte => byte !== 0)) return false
  return timingSafeEqual(h, hash(name, Buffer.alloc(8), digest, block.subarray(start + 1)))
}

/** XOR with MGF1 of `seed`. */
function mask(name: string, seed: Uint8Array, data: Uint8Array): Buffer {
  const out = Buffer.from(data)
  const counter = Buffer.alloc(4)
  for (let at = 0, index = 0; at < out.length; index++) {
    counter.writeUInt32BE(index)
    for (const byte of hash(name, seed, counter)) {
      if (at < out.length) out[at++]! ^= byte
    }
  }
  return out
}
