// SSH public keys of users: read from OpenSSH, SSH2 or PEM form, kept as one OpenSSH line.

import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto'
import type { Tx } from '../../store/tx.ts'
import { fail } from './errors.ts'

export interface SshKeyRow {
  readonly id: string
  readonly account: string
  readonly user_id: string
  readonly fingerprint: string
  readonly body: string
  readonly active: boolean
  readonly uploaded_at: Date
}

export const insertSshKey = (tx: Tx, row: SshKeyRow) => tx.run`
  insert into iam.ssh_keys (id, account, user_id, fingerprint, body, active, uploaded_at)
  values (${row.id}, ${row.account}, ${row.user_id}, ${row.fingerprint}, ${row.body}, true, ${row.uploaded_at})`
export const sshKeysOf = (tx: Tx, userId: string) =>
  tx.rows<SshKeyRow>`select * from iam.ssh_keys where user_id = ${userId} order by id`
export const findSshKey = (tx: Tx, userId: string, id: string) =>
  tx.one<SshKeyRow>`select * from iam.ssh_keys where user_id = ${userId} and id = ${id}`
export const setSshKeyActive = (tx: Tx, id: string, active: boolean) =>
  tx.run`update iam.ssh_keys set active = ${active} where id = ${id}`
export const deleteSshKeyRow = (tx: Tx, id: string) => tx.run`delete from iam.ssh_keys where id = ${id}`

export const sshKeyShape = (row: SshKeyRow, userName: string) => ({
  UserName: userName,
  SSHPublicKeyId: row.id,
  Status: row.active ? ('Active' as const) : ('Inactive' as const),
  UploadDate: row.uploaded_at,
})

const SMALLEST_RSA = 2048

/** One OpenSSH line without a comment, and the MD5 fingerprint that AWS shows. */
export function readPublicKey(text: string): { body: string; fingerprint: string } {
  const blob = readBlob(text.trim())
  const [type, ...fields] = blobFields(blob)
  const kind = type?.toString('latin1') ?? ''
  // DEVIATES: AWS accepts RSA only; ed25519 and ECDSA keys are accepted here as well, because that is what people have.
  if (!['ssh-rsa', 'ssh-ed25519'].includes(kind) && !kind.startsWith('ecdsa-sha2-nistp')) {
    return fail('UnrecognizedPublicKeyEncodingException', `The public key type ${kind.slice(0, 40)} is not supported.`)
  }
  if (kind === 'ssh-rsa') {
    const modulus = fields[1]
    const bits = modulus ? (modulus.length - (modulus[0] === 0 ? 1 : 0)) * 8 : 0
    if (bits < SMALLEST_RSA)
      fail('InvalidPublicKeyException', `The public key must have at least ${SMALLEST_RSA} bits.`)
  }
  const hash = createHash('md5').update(blob).digest('hex')
  return { body: `${kind} ${blob.toString('base64')}`, fingerprint: hash.match(/../g)!.join(':') }
}

/** The key in PEM (SubjectPublicKeyInfo). */
export function pemOf(body: string): string {
  const [type, ...fields] = blobFields(Buffer.from(body.split(' ')[1] ?? '', 'base64'))
  return createPublicKey({ key: jwkOf(type!.toString('latin1'), fields), format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  }) as string
}

const unreadable = () => fail('InvalidPublicKeyException', 'The public key provided is not valid.')

function readBlob(text: string): Buffer {
  if (text.startsWith('---- BEGIN SSH2 PUBLIC KEY ----')) {
    const lines = text.split(/\r?\n/).filter(line => !line.startsWith('----') && !line.includes(':'))
    return Buffer.from(lines.join(''), 'base64')
  }
  if (text.startsWith('-----BEGIN')) {
    try {
      return blobOf(createPublicKey(text).export({ format: 'jwk' }))
    } catch {
      return unreadable()
    }
  }
  const [, encoded] = text.split(/\s+/)
  return encoded && /^[A-Za-z0-9+/=]+$/.test(encoded) ? Buffer.from(encoded, 'base64') : unreadable()
}

/** Length-prefixed fields of an SSH key blob. */
function blobFields(blob: Buffer): Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at < blob.length; ) {
    const length = at + 4 <= blob.length ? blob.readUInt32BE(at) : blob.length
    if (at + 4 + length > blob.length) return unreadable()
    fields.push(blob.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return fields.length >= 2 ? fields : unreadable()
}

const bytes = (text: string) => Buffer.from(text, 'base64url')
const text = (data: Buffer) => data.toString('base64url')
const field = (data: Buffer) =>
  Buffer.concat([Buffer.from([data.length >>> 24, data.length >>> 16, data.length >>> 8, data.length]), data])
const positive = (data: Buffer) => (data[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), data]) : data)
const CURVES: Record<string, string> = { nistp256: 'P-256', nistp384: 'P-384', nistp521: 'P-521' }

function blobOf(jwk: JsonWebKey): Buffer {
  if (jwk.kty === 'RSA')
    return Buffer.concat([Buffer.from('ssh-rsa'), positive(bytes(jwk.e!)), positive(bytes(jwk.n!))].map(field))
  if (jwk.crv === 'Ed25519') return Buffer.concat([Buffer.from('ssh-ed25519'), bytes(jwk.x!)].map(field))
  const curve = Object.keys(CURVES).find(name => CURVES[name] === jwk.crv)
  if (!curve) return unreadable()
  const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x!), bytes(jwk.y!)])
  return Buffer.concat([Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point].map(field))
}

function jwkOf(type: string, fields: readonly Buffer[]): JsonWebKey {
  if (type === 'ssh-rsa')
    return { kty: 'RSA', e: text(fields[0]!), n: text(fields[1]![0] === 0 ? fields[1]!.subarray(1) : fields[1]!) }
  if (type === 'ssh-ed25519') return { kty: 'OKP', crv: 'Ed25519', x: text(fields[0]!) }
  const point = fields[1]!.subarray(1)
  const half = point.length / 2
  return {
    kty: 'EC',
    crv: CURVES[fields[0]!.toString('latin1')]!,
    x: text(point.subarray(0, half)),
    y: text(point.subarray(half)),
  }
}
