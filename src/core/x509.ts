// Writes X.509 certificates: Node can read them but not make them. Names, keys and times come from the caller.

import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'
import {
  bitString,
  context,
  implicit,
  integer,
  NULL,
  objectIdentifier,
  octetString,
  sequence,
  set,
  TRUE,
  time,
  utf8String,
} from './der.ts'

export interface CertificateParts {
  readonly commonName: string
  readonly publicKey: KeyObject
  /** Who signs: RSA or P-256. The certificate's own key when it signs itself. */
  readonly issuer: { readonly commonName: string; readonly privateKey: KeyObject }
  /** Of the issuer's certificates no two have the same. At most 20 bytes. */
  readonly serial: Uint8Array
  readonly from: Date
  readonly until: Date
  /** `authority` signs others, `server` proves one of `names` (host names and addresses) to TLS clients; plain without it. */
  readonly use?: { readonly kind: 'authority' } | { readonly kind: 'server'; readonly names: readonly string[] }
}

/** The certificate in DER; `pem('CERTIFICATE', ...)` of der.ts makes a file of it. */
export function certificate(parts: CertificateParts): Buffer {
  const { commonName, publicKey, issuer, serial, from, until } = parts
  const algorithm =
    issuer.privateKey.asymmetricKeyType === 'ec'
      ? sequence(objectIdentifier('1.2.840.10045.4.3.2'))
      : sequence(objectIdentifier('1.2.840.113549.1.1.11'), NULL)
  const body = sequence(
    context(0, integer(2)), // X.509 v3
    integer(serial),
    algorithm,
    distinguishedName(issuer.commonName),
    sequence(time(from), time(until)),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(parts.use ? [context(3, sequence(...extensions(parts)))] : []),
  )
  return sequence(body, algorithm, bitString(sign('sha256', body, issuer.privateKey)))
}

/** A Name of nothing but a common name. */
export function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))))
}

const KEY_CERT_SIGN = bitString(Buffer.from([0b0000_0110]), 1) // and cRLSign
const DIGITAL_SIGNATURE = bitString(Buffer.from([0b1000_0000]), 7)

/** Strict readers (Python 3.13 and later) want both key identifiers and a critical keyUsage. */
function extensions({ publicKey, issuer, use }: CertificateParts): Buffer[] {
  const keys = [
    extension('2.5.29.14', octetString(keyIdentifier(publicKey))),
    extension('2.5.29.35', sequence(implicit(0, keyIdentifier(createPublicKey(issuer.privateKey))))),
  ]
  if (use?.kind === 'server') {
    return [
      ...keys,
      extension('2.5.29.19', sequence(), TRUE),
      extension('2.5.29.15', DIGITAL_SIGNATURE, TRUE),
      extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', sequence(...use.names.map(alternativeName))),
    ]
  }
  return [
    ...keys,
    extension('2.5.29.19', sequence(TRUE, integer(0)), TRUE),
    extension('2.5.29.15', KEY_CERT_SIGN, TRUE),
  ]
}

const extension = (id: string, value: Buffer, critical: Buffer = Buffer.alloc(0)) =>
  sequence(objectIdentifier(id), critical, octetString(value))

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function alternativeName(name: string): Buffer {
  if (!isIP(name)) return implicit(2, Buffer.from(name, 'ascii'))
  return implicit(7, isIP(name) === 4 ? Buffer.from(name.split('.').map(Number)) : addressBytes(name))
}

/** The 16 bytes of an IPv6 address. */
function addressBytes(address: string): Buffer {
  const ascii = new URL(`http://[${address}]`).hostname.slice(1, -1) // the shortest form, without a dotted tail
  const [head = '', tail] = ascii.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const groups = [
    ...left,
    ...Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0'),
    ...right,
  ]
  return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex')
}
