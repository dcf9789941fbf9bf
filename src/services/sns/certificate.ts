// A self-signed X.509 certificate in DER by hand: Node can read certificates but not make them.

import { createHash, createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'

const TAG = { integer: 2, bits: 3, null: 5, oid: 6, utf8: 12, sequence: 0x30, set: 0x31, time: 0x18 } as const
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const COMMON_NAME = '2.5.4.3'
const VALID_YEARS = 10

export interface Certificate {
  /** PEM, PKCS #8. */
  readonly privateKey: string
  /** PEM. */
  readonly certificate: string
  /** 32 hex digits of the certificate's SHA-256. */
  readonly hash: string
}

/** A new RSA key and its certificate for `commonName`, valid from a day before `now` for ten years. */
export async function makeCertificate(commonName: string, now: Date, serial: Buffer): Promise<Certificate> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' })
  const algorithm = der(TAG.sequence, oid(SHA256_WITH_RSA), der(TAG.null))
  const name = der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, oid(COMMON_NAME), der(TAG.utf8, Buffer.from(commonName)))),
  )
  const from = new Date(now.getTime() - 86_400_000)
  const until = new Date(from)
  until.setUTCFullYear(until.getUTCFullYear() + VALID_YEARS)
  const body = der(
    TAG.sequence,
    der(TAG.integer, Buffer.concat([Buffer.from([1]), serial])),
    algorithm,
    name,
    der(TAG.sequence, time(from), time(until)),
    name,
    publicKey,
  )
  const signature = sign('sha256', body, privateKey)
  const bytes = der(TAG.sequence, body, algorithm, der(TAG.bits, Buffer.from([0]), signature))
  const lines = bytes.toString('base64').match(/.{1,64}/g)!
  const certificate = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
  return { privateKey, certificate, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32) }
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = content.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff)
  const head = content.length < 128 ? [tag, content.length] : [tag, 0x80 | length.length, ...length]
  return Buffer.concat([Buffer.from(head), content])
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(TAG.oid, Buffer.from(bytes))
}

/** GeneralizedTime: readers accept it for every year. */
function time(date: Date): Buffer {
  return der(TAG.time, Buffer.from(`${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`))
}
