// The canonical form of a request: what both sides of SigV4 hash. S3 encodes a path once and keeps it as it is; all others normalize and encode again.

/** A request as it came off the wire; `headers` is node's `rawHeaders`: name, value, name, value ... */
export interface RawRequest {
  readonly method: string
  /** As sent: still percent-encoded, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly rawQuery: string
  readonly headers: readonly string[]
}

export interface CanonicalParts {
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
  /** S3's rules for the path. */
  readonly s3: boolean
  /** Leaves out `X-Amz-Signature`. */
  readonly presigned: boolean
}

export function canonicalRequest(request: RawRequest, headers: HeaderMap, parts: CanonicalParts): string {
  return [
    request.method,
    canonicalPath(request.path, parts.s3),
    canonicalQuery(request.rawQuery, parts.presigned ? 'x-amz-signature' : undefined),
    ...parts.signedHeaders.map(name => `${name}:${canonicalValue(headers.get(name) ?? [])}`),
    '',
    parts.signedHeaders.join(';'),
    parts.payloadHash,
  ].join('\n')
}

/** Lower-case name -> values in the order sent. */
export type HeaderMap = ReadonlyMap<string, readonly string[]>

export function headerMap(headers: readonly string[]): HeaderMap {
  const map = new Map<string, string[]>()
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase()
    const values = map.get(name)
    if (values) values.push(headers[index + 1]!)
    else map.set(name, [headers[index + 1]!])
  }
  return map
}

/** RFC 3986: everything but unreserved characters becomes %XX of its UTF-8 bytes. */
export function uriEncode(text: string): string {
  if (UNRESERVED.test(text)) return text
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/

/** Percent-decoding that never throws: a broken escape stays as it is. */
export function uriDecode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return Buffer.from(
      text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8')
  }
}

export function canonicalPath(path: string, s3: boolean): string {
  const text = wireText(path) || '/'
  if (s3)
    return text
      .split('/')
      .map(segment => uriEncode(uriDecode(segment)))
      .join('/') // AWS: no normalization, a//b is a key
  const kept: string[] = []
  for (const segment of text.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(uriEncode(segment))
  }
  return kept.length === 0 ? '/' : `/${kept.join('/')}${text.endsWith('/') ? '/' : ''}`
}

export function canonicalQuery(rawQuery: string, without?: string): string {
  return queryPairs(rawQuery)
    .filter(([name]) => name.toLowerCase() !== without)
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([a, av], [b, bv]) => compare(a, b) || compare(av, bv))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** Decoded names and values in the order sent. A plus is a space, as services read it: what is signed is what is done. */
export function queryPairs(rawQuery: string): [string, string][] {
  if (rawQuery === '') return []
  return wireText(rawQuery)
    .split('&')
    .filter(part => part !== '')
    .map(part => {
      const equals = part.indexOf('=')
      const name = equals < 0 ? part : part.slice(0, equals)
      const value = equals < 0 ? '' : part.slice(equals + 1)
      return [uriDecode(name.replaceAll('+', ' ')), uriDecode(value.replaceAll('+', ' '))]
    })
}

/** Duplicates joined by commas in the order sent; outer whitespace gone, inner runs one space. */
function canonicalValue(values: readonly string[]): string {
  return values.map(value => wireText(value).trim().replace(/\s+/g, ' ')).join(',')
}

/** Node reads header bytes as latin1, signers hash UTF-8: text whose characters are all bytes is read again as UTF-8. */
function wireText(text: string): string {
  if (Buffer.byteLength(text, 'utf8') === text.length) return text
  const bytes = Buffer.from(text, 'latin1')
  return bytes.toString('latin1') === text ? bytes.toString('utf8') : text
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
