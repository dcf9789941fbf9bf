// Signatures and message authentication codes, over messages or over digests that the caller made.

import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import type { MacAlgorithmSpec, MessageType, SigningAlgorithmSpec } from '@aws-sdk/client-kms'
import { signDigest, verifyDigest } from './digestSigning.ts'
import { fail, invalid } from './errors.ts'
import { digestOf, factsOf } from './keySpecs.ts'
import type { KeyRow } from './keys.ts'

export interface Message {
  readonly bytes: Uint8Array
  readonly type: MessageType
  readonly algorithm: SigningAlgorithmSpec
}

/** Refuses algorithms that are not the key's, and digests that are none. */
export function checkMessage(key: KeyRow, { bytes, type, algorithm }: Message): void {
  if (!factsOf(key.spec).signing.includes(algorithm))
    fail('InvalidKeyUsageException', `Algorithm ${algorithm} and key spec ${key.spec} do not match.`)
  if (type === 'EXTERNAL_MU') invalid(`MessageType EXTERNAL_MU is not valid for the algorithm ${algorithm}.`)
  if (type !== 'DIGEST') return
  // AWS: as recorded on AWS [localstack, test_kms.snapshot.json].
  if (bytes.length !== createHash(digestOf(algorithm)).digest().length)
    invalid(`Digest is invalid length for algorithm ${algorithm}.`)
}

export function signWith(key: KeyRow, secret: Buffer, { bytes, type, algorithm }: Message): Buffer {
  const privateKey = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' })
  if (type === 'DIGEST') return signDigest(privateKey, factsOf(key.spec).material, algorithm, bytes)
  return sign(digestOf(algorithm), bytes, { key: privateKey, ...paddingOf(algorithm) })
}

export function verifyWith(key: KeyRow, { bytes, type, algorithm }: Message, signature: Uint8Array): boolean {
  const publicKey = createPublicKey({ key: key.public_key!, format: 'der', type: 'spki' })
  if (type === 'DIGEST')
    return verifyDigest(publicKey, factsOf(key.spec).material, algorithm, { digest: bytes, signature })
  return verify(digestOf(algorithm), bytes, { key: publicKey, ...paddingOf(algorithm) }, signature)
}

// AWS: PSS has a salt as long as the digest [key-spec reference].
function paddingOf(algorithm: string) {
  if (algorithm.startsWith('RSASSA_PSS'))
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  if (algorithm.startsWith('RSASSA_PKCS1')) return { padding: constants.RSA_PKCS1_PADDING }
  return { dsaEncoding: 'der' as const }
}

export const macOf = (secret: Uint8Array, algorithm: MacAlgorithmSpec, message: Uint8Array): Buffer =>
  createHmac(digestOf(algorithm), secret).update(message).digest()

/** In the same time whatever the difference. */
export const sameMac = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)
