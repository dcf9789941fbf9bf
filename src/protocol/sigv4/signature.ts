// The arithmetic of SigV4: the derived key (cached for its day), the strings to sign, comparison in constant time.

import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'

export const ALGORITHM = 'AWS4-HMAC-SHA256'
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** `20150830/us-east-1/iam/aws4_request`, taken apart. */
export interface CredentialScope {
  /** yyyymmdd */
  readonly date: string
  readonly region: string
  readonly service: string
}

export const scopeText = (scope: CredentialScope) => `${scope.date}/${scope.region}/${scope.service}/aws4_request`

export const sha256 = (data: string | Uint8Array) => hash('sha256', data, 'hex')

const KEYS_KEPT = 1000
const keys = new Map<string, { secret: string; key: KeyObject }>()

/** The signing key of one secret for one day, region and service: four HMACs, so it is kept, as an object since OpenSSL prepares that once. */
export function signingKey(accessKeyId: string, secret: string, scope: CredentialScope): KeyObject {
  const name = `${accessKeyId}/${scopeText(scope)}`
  const known = keys.get(name)
  if (known?.secret === secret) return known.key
  const parts = [scope.date, scope.region, scope.service, 'aws4_request']
  const key = createSecretKey(parts.reduce(hmac, Buffer.from(`AWS4${secret}`, 'utf8')))
  if (keys.size >= KEYS_KEPT) keys.delete(keys.keys().next().value!)
  keys.set(name, { secret, key })
  return key
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest()
}

/** `dateTime` is yyyymmddThhmmssZ. */
export function stringToSign(dateTime: string, scope: CredentialScope, canonical: string): string {
  return `${ALGORITHM}\n${dateTime}\n${scopeText(scope)}\n${sha256(canonical)}`
}

/** The hex signature of a string to sign. */
export function signText(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex')
}

/** Equality that takes the same time wherever the texts differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a, 'utf8')
  const right = Buffer.from(b, 'utf8')
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Reads `20150830T123600Z`, or undefined. */
export function readAmzDate(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Writes `20150830T123600Z`. */
export function amzDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}
