// Puts a text into a PKCS#7 signedData, the envelope that agents open. They only want it well-formed with its content and
// its signer's certificate inside, so the key is made when a process first needs it and lives in its memory.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { context, integer, NULL, objectIdentifier, octetString, pem, sequence, set } from '../../../core/der.ts'
import { certificate, distinguishedName } from '../../../core/x509.ts'

export interface Signer {
  /** PEM of the signedData around `content`. */
  sign(content: string): string
}

const SHA256 = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), NULL)
const RSA = sequence(objectIdentifier('1.2.840.113549.1.1.1'), NULL)
const DATA = objectIdentifier('1.2.840.113549.1.7.1')
const SIGNED_DATA = objectIdentifier('1.2.840.113549.1.7.2')
const DAY_MS = 24 * 3600 * 1000

/** `commonName` as AWS's: codedeploy-signer-REGION.amazonaws.com. Takes about a tenth of a second. */
export function createSigner(commonName: string, now: Date): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)])
  const own = certificate({
    commonName,
    publicKey,
    issuer: { commonName, privateKey },
    serial,
    from: new Date(now.getTime() - DAY_MS),
    until: new Date(now.getTime() + 3650 * DAY_MS),
  })
  return {
    sign(text) {
      const content = Buffer.from(text, 'utf8')
      const signerInfo = sequence(
        integer(1),
        sequence(distinguishedName(commonName), integer(serial)),
        SHA256,
        RSA,
        octetString(sign('sha256', content, privateKey)),
      )
      const signedData = sequence(
        integer(1),
        set(SHA256),
        sequence(DATA, context(0, octetString(content))),
        context(0, own),
        set(signerInfo),
      )
      return pem('PKCS7', sequence(SIGNED_DATA, context(0, signedData)))
    },
  }
}
