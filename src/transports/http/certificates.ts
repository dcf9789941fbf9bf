// The certificates of the TLS side of the port: an authority of this data directory's own, which clients are told to trust, and a
// server certificate by it, both kept in `tls/`, made on first use and made again before they end.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { pem } from '../../core/der.ts'
import { certificate } from '../../core/x509.ts'

export interface KeyAndCertificate {
  /** PEM. */
  readonly key: string
  /** PEM; for a server with its authority's behind it. */
  readonly cert: string
}

export interface Certificates {
  /** The authority's certificate, PEM. */
  readonly authority: string
  readonly server: KeyAndCertificate
  /** When to call `openCertificates` again. */
  readonly renewAt: Date
  /** A certificate for one more host name; not kept. */
  forName(name: string, now: Date): KeyAndCertificate
}

export interface CertificateOptions {
  /** The folder `tls` of the data directory. */
  readonly folder: string
  /** Host names and addresses besides those of this machine's own loopback. */
  readonly names: readonly string[]
  readonly now: Date
}

/** Names that every server certificate has. */
const LOOPBACK = ['localhost', '*.localhost', '127.0.0.1', '::1']
const DAY = 86_400_000
const AUTHORITY_DAYS = 3650
/** Longer ones are refused by some clients. */
const SERVER_DAYS = 397
const RENEW_DAYS = 60

export async function openCertificates({ folder, names, now }: CertificateOptions): Promise<Certificates> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  const wanted = [...new Set([...LOOPBACK, ...names.filter(isName)])]
  const path = (file: string) => join(folder, file)
  let authority = await readPair(path('ca'))
  // What the authority signs must end before it does.
  if (!authority || endsWithin(authority.certificate, now, SERVER_DAYS + RENEW_DAYS)) {
    authority = makeAuthority(now)
    await writePair(path('ca'), authority)
    await replace(path('bundle.pem'), `${authority.cert}${rootCertificates.join('\n')}\n`, 0o644)
  }
  const signer = authority
  let server = await readPair(path('server'))
  if (!server || !isGood(server.certificate, signer.certificate, wanted, now)) {
    server = makeServer(signer, wanted, now)
    await writePair(path('server'), server)
  }
  return {
    authority: signer.cert,
    server: { key: server.key, cert: server.cert },
    renewAt: new Date(server.certificate.validToDate.getTime() - RENEW_DAYS * DAY),
    forName(name, at) {
      const { key, cert } = makeServer(signer, [name, ...wanted], at)
      return { key, cert }
    },
  }
}

interface Pair extends KeyAndCertificate {
  readonly certificate: X509Certificate
}

function makeAuthority(now: Date): Pair {
  const { privateKey, publicKey } = newKey()
  const serial = newSerial()
  const commonName = `Codeyard on this machine ${serial.toString('hex', 0, 4)}` // trust stores tell authorities apart by name
  return pairOf(
    privateKey,
    certificate({
      commonName,
      publicKey,
      issuer: { commonName, privateKey },
      serial,
      ...lasting(AUTHORITY_DAYS, now),
      use: { kind: 'authority' },
    }),
  )
}

function makeServer(authority: Pair, names: readonly string[], now: Date): Pair {
  const { privateKey, publicKey } = newKey()
  const issuer = {
    commonName: authority.certificate.subject.replace(/^CN=/, ''),
    privateKey: createPrivateKey(authority.key),
  }
  const der = certificate({
    commonName: 'localhost',
    publicKey,
    issuer,
    serial: newSerial(),
    ...lasting(SERVER_DAYS, now),
    use: { kind: 'server', names },
  })
  const { key, cert, certificate: parsed } = pairOf(privateKey, der)
  return { key, cert: cert + authority.cert, certificate: parsed }
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const newSerial = () => Buffer.concat([Buffer.from([1]), randomBytes(15)])
const lasting = (days: number, now: Date) => ({
  from: new Date(now.getTime() - DAY), // clocks of containers and machines differ
  until: new Date(now.getTime() + days * DAY),
})

function pairOf(privateKey: KeyObject, der: Buffer): Pair {
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return { key, cert: pem('CERTIFICATE', der), certificate: new X509Certificate(der) }
}

/** Undefined when a file is missing, broken, or the two do not belong together. */
async function readPair(path: string): Promise<Pair | undefined> {
  try {
    const [key, cert] = await Promise.all([readFile(`${path}.key`, 'utf8'), readFile(`${path}.pem`, 'utf8')])
    const parsed = new X509Certificate(cert)
    return parsed.publicKey.equals(createPublicKey(key)) ? { key, cert, certificate: parsed } : undefined
  } catch {
    return undefined
  }
}

async function writePair(path: string, { key, cert }: KeyAndCertificate): Promise<void> {
  await replace(`${path}.key`, key, 0o600)
  await replace(`${path}.pem`, cert, 0o644)
}

async function replace(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  await writeFile(fresh, text, { mode })
  await rename(fresh, path)
}

const endsWithin = (one: X509Certificate, now: Date, days: number) =>
  one.validToDate.getTime() - now.getTime() < days * DAY

function isGood(one: X509Certificate, authority: X509Certificate, names: readonly string[], now: Date): boolean {
  if (endsWithin(one, now, RENEW_DAYS + 1) || one.validFromDate > now || !one.verify(authority.publicKey)) return false
  const alternatives = one.subjectAltName ?? ''
  return names.every(name => (isIP(name) ? one.checkIP(name) : alternatives.includes(`DNS:${name}`)))
}

const isName = (name: string) => isIP(name) > 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name)
