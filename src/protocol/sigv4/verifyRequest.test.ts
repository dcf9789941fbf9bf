// Pins what is refused and with which words for each family of protocols, and that the SDK's own signer is understood.

import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'
import { uriEncode } from './canonicalRequest.ts'
import type { ErrorFamily } from './signatureErrors.ts'
import { type RequestToVerify, type SigningCredential, verifyRequest } from './verifyRequest.ts'

const NOW = new Date('2026-03-01T10:00:00Z')
const KEY: SigningCredential<string> = {
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: 'topsecret',
  active: true,
  principal: 'alice',
}
const SESSION = {
  ...KEY,
  accessKeyId: 'ASIAEXAMPLE',
  sessionToken: 'tok/en==',
  expires: new Date('2026-03-01T11:00:00Z'),
}
const GONE = { ...SESSION, accessKeyId: 'ASIAGONE', expires: new Date('2026-03-01T09:59:59Z') }
const OFF = { ...KEY, accessKeyId: 'AKIAOFF', active: false }
const find = async (id: string) => [KEY, SESSION, GONE, OFF].find(each => each.accessKeyId === id)

class Sha256 {
  readonly hash
  constructor(secret?: any) {
    this.hash = secret ? createHmac('sha256', Buffer.from(secret)) : createHash('sha256')
  }
  update(data: any) {
    this.hash.update(typeof data === 'string' ? data : Buffer.from(data))
  }
  async digest() {
    return new Uint8Array(this.hash.digest())
  }
  reset() {}
}

interface Shape {
  method?: string
  path?: string
  query?: Record<string, string | string[]>
  headers?: Record<string, string>
  body?: string
  service?: string
  credential?: SigningCredential<string>
  at?: Date
  presign?: number
}

/** A request signed by the SDK's signer, as node's http server would hand it on. */
async function signed(shape: Shape): Promise<RequestToVerify<string>> {
  const { method = 'GET', path = '/', query = {}, service = 'codecommit', credential = KEY, at = NOW } = shape
  const s3 = service === 's3'
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: credential.accessKeyId,
      secretAccessKey: credential.secretAccessKey,
      ...(credential.sessionToken ? { sessionToken: credential.sessionToken } : {}),
    },
    region: 'eu-west-1',
    service,
    sha256: Sha256 as any,
    uriEscapePath: !s3,
    applyChecksum: s3,
  })
  const request = {
    method,
    protocol: 'https:',
    hostname: 'example.com',
    path,
    query,
    headers: {
      host: 'example.com:4566',
      ...(s3 && shape.presign !== undefined ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : {}),
      ...shape.headers,
    },
    body: shape.body,
  }
  const result: any =
    shape.presign === undefined
      ? await signer.sign(request as any, { signingDate: at })
      : await signer.presign(request as any, { signingDate: at, expiresIn: shape.presign })
  const rawQuery = Object.entries(result.query ?? {})
    .flatMap(([name, value]) => [value].flat().map(one => `${uriEncode(name)}=${uriEncode(String(one))}`))
    .join('&')
  return {
    method,
    path,
    rawQuery,
    headers: Object.entries(result.headers as Record<string, string>).flat(),
    service,
    now: NOW,
    ...(shape.body === undefined ? {} : { body: Buffer.from(shape.body) }),
  }
}

const without = (headers: readonly string[], name: string) =>
  headers.filter((_, i) => headers[i - (i % 2)]!.toLowerCase() !== name)

describe('requests signed by the SDK', () => {
  const shapes: [string, Shape][] = [
    ['a JSON call', { method: 'POST', body: '{"a":1}', headers: { 'x-amz-target': 'CodeCommit.GetBranch' } }],
    ['a call with a session token', { credential: SESSION, body: '{}', method: 'POST' }],
    ['a query with repeated and odd names', { query: { b: ['2', '1'], 'a c': 'ä+&=', empty: '' } }],
    ['a path that is already encoded', { path: '/v1/a%20b/%C3%BC/x' }],
    ['a path with dots', { path: '/v1/../v2/./x/' }],
    ['headers with inner blanks', { headers: { 'x-amz-meta': '  a   b  ' } }],
    ['an S3 key with slashes, blanks and signs', { service: 's3', path: '/bucket//a%20b/c%2Bd%3D%C3%BC/' }],
    ['an S3 key with dots', { service: 's3', path: '/bucket/../x/./y' }],
    ['a presigned S3 get', { service: 's3', path: '/bucket/key', presign: 604_800, query: { versionId: 'x' } }],
    ['a presigned S3 get with a session token', { service: 's3', path: '/bucket/k', presign: 60, credential: SESSION }],
    ['a presigned STS call', { service: 'sts', presign: 60, query: { Action: 'GetCallerIdentity' } }],
    ['a clock 14 minutes behind', { at: new Date('2026-03-01T09:46:00Z') }],
    ['a clock 14 minutes ahead', { at: new Date('2026-03-01T10:14:00Z') }],
    ['a presigned get a day later', { service: 's3', presign: 90_000, at: new Date('2026-02-28T10:00:00Z') }],
  ]
  for (const [name, shape] of shapes) {
    test(`${name} is accepted`, async () => {
      expect(await verifyRequest(await signed(shape), find)).toMatchObject({
        principal: 'alice',
        region: 'eu-west-1',
        signedService: shape.service ?? 'codecommit',
        presigned: shape.presign !== undefined,
      })
    })
  }

  test('anything signed that was changed on the way is refused', async () => {
    const good = await signed({ method: 'POST', body: '{"a":1}', query: { a: '1' }, headers: { 'x-amz-target': 'T' } })
    const changed: RequestToVerify<string>[] = [
      { ...good, body: Buffer.from('{"a":2}') },
      { ...good, method: 'PUT' },
      { ...good, path: '/other' },
      { ...good, rawQuery: 'a=2' },
      { ...good, rawQuery: 'a=1&b=1' },
      { ...good, headers: good.headers.map(value => (value === 'T' ? 'U' : value)) },
      { ...good, headers: [...good.headers, 'X-Amz-Target', 'U'] },
    ]
    for (const request of changed) {
      await expect(verifyRequest(request, find)).rejects.toMatchObject({ code: 'InvalidSignatureException' })
    }
  })

  test('a plus in the query means the blank that services read', async () => {
    const good = await signed({ query: { a: 'b c' } })
    expect(await verifyRequest({ ...good, rawQuery: 'a=b+c' }, find)).toMatchObject({ principal: 'alice' })
  })
})

describe('what is refused', () => {
  const wrongSecret = { ...KEY, secretAccessKey: 'other' }
  const late = new Date('2026-03-01T09:44:59Z')
  const early = new Date('2026-03-01T10:15:01Z')
  const rows: [string, ErrorFamily, Shape, string, string | RegExp][] = [
    [
      'a wrong secret',
      'query',
      { credential: wrongSecret },
      'SignatureDoesNotMatch',
      /^The request signature we calculated .* Consult the service documentation for details\.$/,
    ],
    [
      'a wrong secret',
      'json',
      { credential: wrongSecret },
      'InvalidSignatureException',
      /^The request signature we calculated/,
    ],
    [
      'a wrong secret',
      'ec2',
      { credential: wrongSecret },
      'AuthFailure',
      'AWS was not able to validate the provided access credentials',
    ],
    [
      'a wrong secret',
      's3',
      { credential: wrongSecret },
      'SignatureDoesNotMatch',
      /Check your key and signing method\.$/,
    ],
    [
      'an unknown key',
      'query',
      { credential: { ...KEY, accessKeyId: 'AKIANOBODY' } },
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    ],
    [
      'an unknown key',
      'json',
      { credential: { ...KEY, accessKeyId: 'AKIANOBODY' } },
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ],
    [
      'an unknown key',
      's3',
      { credential: { ...KEY, accessKeyId: 'AKIANOBODY' } },
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    ],
    [
      'an inactive key',
      'query',
      { credential: OFF },
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    ],
    [
      'a session without its token',
      'query',
      { credential: { ...SESSION, sessionToken: undefined } },
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
    ],
    [
      'a session with another token',
      's3',
      { credential: { ...SESSION, sessionToken: 'x' } },
      'InvalidToken',
      'The provided token is malformed or otherwise invalid.',
    ],
    [
      'a lasting key with a token',
      'json',
      { credential: { ...KEY, sessionToken: 'x' } },
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ],
    [
      'an expired session',
      'query',
      { credential: GONE },
      'ExpiredToken',
      'The security token included in the request is expired',
    ],
    [
      'an expired session',
      'json',
      { credential: GONE },
      'ExpiredTokenException',
      'The security token included in the request is expired',
    ],
    ['an expired session', 's3', { credential: GONE }, 'ExpiredToken', 'The provided token has expired.'],
    [
      'an old signature',
      'query',
      { at: late },
      'SignatureDoesNotMatch',
      'Signature expired: 20260301T094459Z is now earlier than 20260301T094500Z (20260301T100000Z - 15 min.)',
    ],
    [
      'an old signature',
      'json',
      { at: late },
      'InvalidSignatureException',
      'Signature expired: 20260301T094459Z is now earlier than 20260301T094500Z (20260301T100000Z - 15 min.)',
    ],
    [
      'an old signature',
      's3',
      { at: late },
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    ],
    ['an old signature', 'ec2', { at: late }, 'RequestExpired', 'Request has expired.'],
    [
      'a signature of the future',
      'query',
      { at: early },
      'SignatureDoesNotMatch',
      'Signature not yet current: 20260301T101501Z is still later than 20260301T101500Z (20260301T100000Z + 15 min.)',
    ],
    [
      'a presigned request after its time',
      's3',
      { presign: 60, at: new Date('2026-03-01T09:58:59Z') },
      'AccessDenied',
      'Request has expired',
    ],
    ['a presigned request of the future', 's3', { presign: 60, at: early }, 'AccessDenied', 'Request is not yet valid'],
    [
      'a presigned request after its time',
      'query',
      { presign: 60, at: new Date('2026-03-01T09:58:59Z') },
      'SignatureDoesNotMatch',
      'Signature expired: 20260301T095859Z is now earlier than 20260301T095900Z (20260301T100000Z - 1 min.)',
    ],
  ]
  const serviceOf = { s3: 's3', json: 'codecommit', restJson: 'codecommit', query: 'iam', ec2: 'ec2' }
  for (const [what, family, shape, code, message] of rows) {
    test(`${what} is answered with ${code} (${family})`, async () => {
      const request = await signed({ service: serviceOf[family], ...shape })
      await expect(verifyRequest({ ...request, family }, find)).rejects.toMatchObject({
        code,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      })
    })
  }

  test('a signature for another service', async () => {
    const request = await signed({ service: 'codebuild' })
    await expect(verifyRequest({ ...request, service: 'iam', family: 'query' }, find)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
      message: "Credential should be scoped to correct service: 'iam'. ",
    })
    await expect(verifyRequest({ ...request, service: 's3' }, find)).rejects.toMatchObject({
      code: 'AuthorizationHeaderMalformed',
      message: 'The authorization header is malformed; incorrect service "codebuild". This endpoint belongs to "s3".',
    })
  })

  test('an x-amz header that was added after signing', async () => {
    const request = await signed({ service: 's3' })
    await expect(
      verifyRequest({ ...request, headers: [...request.headers, 'x-amz-acl', 'public-read'] }, find),
    ).rejects.toMatchObject({
      code: 'AccessDenied',
      fields: { HeadersNotSigned: 'x-amz-acl' },
    })
    const json = await signed({})
    await expect(
      verifyRequest({ ...json, headers: [...json.headers, 'x-amz-target', 'X'] }, find),
    ).rejects.toMatchObject({
      code: 'InvalidSignatureException',
      message: "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    })
  })

  test('no signature at all', async () => {
    const request = { method: 'GET', path: '/', rawQuery: '', headers: ['Host', 'x'], now: NOW }
    const code = async (service: string, family: ErrorFamily) =>
      verifyRequest({ ...request, service, family }, find).catch(error => `${error.code}: ${error.message}`)
    expect(await code('iam', 'query')).toBe('MissingAuthenticationToken: Request is missing Authentication Token')
    expect(await code('codecommit', 'json')).toBe(
      'MissingAuthenticationTokenException: Request is missing Authentication Token',
    )
    expect(await code('s3', 's3')).toBe('AccessDenied: Access Denied')
    expect(await verifyRequest({ ...request, service: 's3', anonymous: 'nobody' }, find)).toMatchObject({
      principal: 'nobody',
      region: undefined,
    })
  })

  test('an S3 request without x-amz-content-sha256', async () => {
    const request = await signed({ service: 's3' })
    const headers = without(request.headers, 'x-amz-content-sha256')
    await expect(verifyRequest({ ...request, headers }, find)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: 'Missing required header for this request: x-amz-content-sha256',
    })
  })

  const headers: [string, string, string, string][] = [
    [
      'parts that are missing',
      'AWS4-HMAC-SHA256 Credential=a/20260301/r/iam/aws4_request',
      'IncompleteSignature',
      "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256",
    ],
    [
      'a short credential',
      'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x',
      'IncompleteSignature',
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
    ],
    [
      'a foreign terminator',
      'AWS4-HMAC-SHA256 Credential=a/20260301/r/iam/aws5, SignedHeaders=host, Signature=x',
      'SignatureDoesNotMatch',
      "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
    ],
    [
      'another day in the scope',
      'AWS4-HMAC-SHA256 Credential=a/20260302/r/iam/aws4_request, SignedHeaders=host, Signature=x',
      'SignatureDoesNotMatch',
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260302' != '20260301', from '20260301T100000Z'.",
    ],
    [
      'an unsigned host',
      'AWS4-HMAC-SHA256 Credential=a/20260301/r/iam/aws4_request, SignedHeaders=x-amz-date, Signature=x',
      'SignatureDoesNotMatch',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'another algorithm',
      'AWS4-ECDSA-P256-SHA256 Credential=a',
      'IncompleteSignature',
      "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). Authorization=AWS4-ECDSA-P256-SHA256",
    ],
    [
      'a signature of version 2',
      'AWS AKIA:xyz',
      'IncompleteSignature',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    ],
    ['a bearer token', 'Bearer xyz', 'MissingAuthenticationToken', 'Request is missing Authentication Token'],
  ]
  for (const [what, authorization, code, message] of headers) {
    test(`${what} in the Authorization header`, async () => {
      const raw = ['Host', 'x', 'X-Amz-Date', '20260301T100000Z', 'Authorization', authorization]
      const request = {
        method: 'GET',
        path: '/',
        rawQuery: '',
        headers: raw,
        now: NOW,
        service: 'iam',
        family: 'query',
      } as const
      await expect(verifyRequest(request, find)).rejects.toMatchObject({ code, message })
    })
  }

  const expires: [string, string][] = [
    [
      '604801',
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    ],
    ['-1', 'X-Amz-Expires must be non-negative'],
    ['soon', 'X-Amz-Expires should be a number'],
    [
      '',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    ],
  ]
  for (const [value, message] of expires) {
    test(`a presigned S3 request whose X-Amz-Expires is "${value}"`, async () => {
      const good = await signed({ service: 's3', presign: 100 })
      const rawQuery = good.rawQuery.replace('X-Amz-Expires=100', `X-Amz-Expires=${value}`)
      await expect(verifyRequest({ ...good, rawQuery }, find)).rejects.toMatchObject({
        code: 'AuthorizationQueryParametersError',
        message,
      })
    })
  }
})
