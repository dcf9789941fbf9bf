// Puts a text into a PKCS#7 signedData, the envelope that agents open. They only want it well-formed with its content and
// its signer's certificate inside, so the key is made when a process first needs it and lives in its memory.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  bitString,
  context,
  integer,
  NULL,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

export interface Signer {
  /** PEM of the signedData around `content`. */
  sign(content: string): string
}

const SHA256 = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), NULL)
const RSA = sequence(objectIdentifier('1.2.840.113549.1.1.1'), NULL)
const RSA_SHA256 = sequence(objectIdentifier('1.2.840.113549.1.1.11'), NULL)
const DATA = objectIdentifier('1.2.840.113549.1.7.1')
const SIGNED_DATA = objectIdentifier('1.2.840.113549.1.7.2')

/** `commonName` as AWS's: codedeploy-signer-REGION.amazonaws.com. Takes about a tenth of a second. */
export function createSigner(commonName: string, now: Date): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const name = sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))))
  const serial = integer(Buffer.concat([Buffer.from([1]), randomBytes(15)]))
  const certificate = selfSigned({ privateKey, publicKey, name, serial, now })
  return {
    sign(text) {
      const content = Buffer.from(text, 'utf8')
      const signerInfo = sequence(
        integer(1),
        sequence(name, serial),
        SHA256,
        RSA,
        octetString(sign('sha256', content, privateKey)),
      )
      const signedData = sequence(
        integer(1),
        set(SHA256),
        sequence(DATA, context(0, octetString(content))),
        context(0, certificate),
        set(signerInfo),
      )
      return pem('PKCS7', sequence(SIGNED_DATA, context(0, signedData)))
    },
  }
}

interface CertificateParts {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly name: Buffer
  readonly serial: Buffer
  readonly now: Date
}

const DAY_MS = 24 * 3600 * 1000

function selfSigned({ privateKey, publicKey, name, serial, now }: CertificateParts): Buffer {
  const from = new Date(now.getTime() - DAY_MS)
  const to = new Date(now.getTime() + 3650 * DAY_MS)
  const body = sequence(
    context(0, integer(2)), // X.509 v3
    serial,
    RSA_SHA256,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  return sequence(body, RSA_SHA256, bitString(sign('sha256', body, privateKey)))
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
