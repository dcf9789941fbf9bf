// Temporary credentials that carry all they stand for: the session token is the session, encrypted with the master key, so that
// verifying one needs no row of its own. Only the role or user behind it is looked up: when that is gone, the session is too.

import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ALPHANUMERIC, BASE32, type Ids } from '../core/ids.ts'
import type { MasterKey } from '../core/masterKey.ts'

/** What a token says. Times are milliseconds since 1970. */
export interface SessionClaims {
  readonly account: string
  readonly issuedAt: number
  readonly expires: number
  readonly who:
    | { readonly kind: 'root' }
    | { readonly kind: 'user'; readonly userId: string }
    | { readonly kind: 'role'; readonly roleId: string; readonly roleArn: string; readonly sessionName: string }
  /** Session policies as JSON text, and managed ones by ARN. */
  readonly policies?: readonly string[]
  readonly policyArns?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  /** Names of tags that pass on to roles assumed from this session. */
  readonly transitiveTags?: readonly string[]
  readonly sourceIdentity?: string
  readonly mfaAuthenticatedAt?: string
  /** The service that assumed the role. */
  readonly issuedTo?: string
}

export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expires: Date
}

interface Sealed extends SessionClaims {
  readonly secret: string
}

export function sealSession(key: MasterKey, ids: Ids, claims: SessionClaims): SessionCredentials {
  const accessKeyId = `ASIA${ids.text(16, BASE32)}`
  const secretAccessKey = ids.text(40, `${ALPHANUMERIC}+/`)
  const plain = pack(Buffer.from(JSON.stringify({ ...claims, secret: secretAccessKey } satisfies Sealed)))
  const sessionToken = key.seal(`session/${accessKeyId}`, plain)
  return { accessKeyId, secretAccessKey, sessionToken, expires: new Date(claims.expires) }
}

/** What the token of an access key says, expired or not; undefined when it is not ours or belongs to another key. */
export function openSession(key: MasterKey, accessKeyId: string, sessionToken: string): Sealed | undefined {
  const plain = key.open(`session/${accessKeyId}`, sessionToken)
  return plain && (JSON.parse(unpack(plain).toString('utf8')) as Sealed)
}

/** Tokens travel in headers: long ones (policies, tags) are compressed. The first byte says whether. */
const LONG = 1024
const pack = (plain: Buffer) =>
  plain.length < LONG ? Buffer.concat([Buffer.of(0), plain]) : Buffer.concat([Buffer.of(1), deflateRawSync(plain)])
const unpack = (packed: Buffer) => (packed[0] === 1 ? inflateRawSync(packed.subarray(1)) : packed.subarray(1))
