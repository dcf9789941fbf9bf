// The key and certificate that sign notifications: receivers fetch the certificate and check messages against it.

import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { pem } from '../../core/der.ts'
import { certificate } from '../../core/x509.ts'

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
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const privateKey = createPrivateKey(pair.privateKey)
  const from = new Date(now.getTime() - 86_400_000)
  const until = new Date(from)
  until.setUTCFullYear(until.getUTCFullYear() + VALID_YEARS)
  const bytes = certificate({
    commonName,
    publicKey: createPublicKey(privateKey),
    issuer: { commonName, privateKey },
    serial: Buffer.concat([Buffer.from([1]), serial]),
    from,
    until,
  })
  return {
    privateKey: pair.privateKey,
    certificate: pem('CERTIFICATE', bytes),
    hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32),
  }
}
