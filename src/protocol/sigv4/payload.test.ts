// Pins the bodies of S3 requests: the chunked examples of the S3 documentation, trailers, hashes, and every way in which they can be wrong.

import { createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { EMPTY_SHA256, sha256, signingKey } from './signature.ts'
import { verifyRequest } from './verifyRequest.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const find = async (accessKeyId: string) => ({
  accessKeyId,
  secretAccessKey: SECRET,
  active: true,
  principal: 'example',
})
const SCOPE = { date: '20130524', region: 'us-east-1', service: 's3' }
const FIRST = Buffer.alloc(65_536, 'a')
const SECOND = Buffer.alloc(1024, 'a')

/** PUT /examplebucket/chunkObject.txt of the documentation. */
function example(contentSha256: string, signedHeaders: string, signature: string, extra: string[] = []) {
  return {
    method: 'PUT',
    path: '/examplebucket/chunkObject.txt',
    rawQuery: '',
    now: new Date('2013-05-24T00:00:00Z'),
    service: 's3',
    headers: [
      ...['Host', 's3.amazonaws.com', 'x-amz-date', '20130524T000000Z', 'x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      ...['x-amz-content-sha256', contentSha256, 'Content-Encoding', 'aws-chunked'],
      ...['x-amz-decoded-content-length', '66560', 'Content-Length', '66824'],
      ...extra,
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`,
    ],
  }
}

const CHUNKED = example(
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class',
  '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
)
const CHUNKS = [
  '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n',
  FIRST,
  '\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n',
  SECOND,
  '\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
]
const TRAILED = example(
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer',
  '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  ['x-amz-trailer', 'x-amz-checksum-crc32c'],
)
const TRAILED_CHUNKS = [
  '10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n',
  FIRST,
  '\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n',
  SECOND,
  '\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
  'x-amz-checksum-crc32c:sOO8/Q==\r\n',
  'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
]

const bytes = (parts: readonly (string | Buffer)[]) => Buffer.concat(parts.map(part => Buffer.from(part as string)))
/** The same bytes in pieces of `size`, as a network would cut them. */
const cut = (all: Buffer, size: number) =>
  Readable.from(Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.subarray(i * size, (i + 1) * size)))

const decode = async (request: Parameters<typeof verifyRequest>[0], body: Buffer, size = 10_000) =>
  buffer((await verifyRequest(request, find)).decode(cut(body, size)))

describe('the chunked example of the S3 documentation', () => {
  for (const size of [1, 7, 1000, 65_536, 1_000_000]) {
    test(`is accepted when it arrives in pieces of ${size} bytes`, async () => {
      const body = size === 1 ? bytes(CHUNKS).subarray(0) : bytes(CHUNKS)
      expect((await decode(CHUNKED, body, size)).equals(bytes([FIRST, SECOND]))).toBe(true)
    })
  }
  test('says how long the decoded body is', async () => {
    expect((await verifyRequest(CHUNKED, find)).contentLength).toBe(66_560)
  })
  test('with trailers gives the checksum', async () => {
    const verified = await verifyRequest(TRAILED, find)
    expect((await buffer(verified.decode(cut(bytes(TRAILED_CHUNKS), 999)))).length).toBe(66_560)
    expect(await verified.trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' })
  })
  test('is also accepted when the last trailer line has no end', async () => {
    expect((await decode(TRAILED, bytes(TRAILED_CHUNKS).subarray(0, -4))).length).toBe(66_560)
  })

  const spoilt: [string, (string | Buffer)[], typeof CHUNKED, string][] = [
    ['a byte of data', [CHUNKS[0]!, Buffer.alloc(65_536, 'b'), ...CHUNKS.slice(2)], CHUNKED, 'SignatureDoesNotMatch'],
    [
      'the signature of a chunk',
      [(CHUNKS[0] as string).replace('ad8', 'ad9'), ...CHUNKS.slice(1)],
      CHUNKED,
      'SignatureDoesNotMatch',
    ],
    [
      'the order of chunks',
      [...CHUNKS.slice(2, 4), '\r\n', ...CHUNKS.slice(0, 2), CHUNKS[4]!].map(p =>
        typeof p === 'string' ? p.replace(/^\r\n/, '') : p,
      ),
      CHUNKED,
      'SignatureDoesNotMatch',
    ],
    ['the last chunk, which is missing', CHUNKS.slice(0, 4), CHUNKED, 'IncompleteBody'],
    ['the end in the middle of data', [CHUNKS[0]!, FIRST.subarray(10)], CHUNKED, 'IncompleteBody'],
    ['an empty body', [], CHUNKED, 'IncompleteBody'],
    ['a size that is none', ['zz;chunk-signature=1\r\n'], CHUNKED, 'InvalidRequest'],
    ['a line without end', [Buffer.alloc(20_000, '1')], CHUNKED, 'InvalidRequest'],
    ['more data than announced', ['20000;chunk-signature=1\r\n'], CHUNKED, 'IncompleteBody'],
    [
      'the trailer',
      TRAILED_CHUNKS.map(p => (p === TRAILED_CHUNKS[5] ? 'x-amz-checksum-crc32c:AAAA/Q==\r\n' : p)),
      TRAILED,
      'SignatureDoesNotMatch',
    ],
    [
      'a trailer that was not announced',
      TRAILED_CHUNKS.map(p => (p === TRAILED_CHUNKS[5] ? 'x-amz-other:1\r\n' : p)),
      TRAILED,
      'MalformedTrailerError',
    ],
    [
      'a trailer that is missing',
      TRAILED_CHUNKS.filter(p => p !== TRAILED_CHUNKS[5]),
      TRAILED,
      'MalformedTrailerError',
    ],
    ['trailers without their signature', [...TRAILED_CHUNKS.slice(0, 6), '\r\n'], TRAILED, 'SignatureDoesNotMatch'],
  ]
  for (const [what, parts, request, code] of spoilt) {
    test(`is refused with ${code} when ${what} is wrong`, async () => {
      await expect(decode(request, bytes(parts))).rejects.toMatchObject({ code })
      const verified = await verifyRequest(request, find)
      await buffer(verified.decode(cut(bytes(parts), 50_000))).catch(() => {})
      await expect(verified.trailers).rejects.toThrow()
    })
  }
})

/** Signs a PUT by hand with any payload line. */
function put(contentSha256: string, headers: Record<string, string> = {}) {
  const all: Record<string, string> = {
    host: 'h',
    'x-amz-date': '20130524T000000Z',
    'x-amz-content-sha256': contentSha256,
    ...headers,
  }
  const names = Object.keys(all).sort()
  const canonical = [
    'PUT',
    '/b/k',
    '',
    ...names.map(name => `${name}:${all[name]}`),
    '',
    names.join(';'),
    contentSha256,
  ].join('\n')
  const text = `AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n${sha256(canonical)}`
  const signature = createHmac('sha256', signingKey('A', SECRET, SCOPE))
    .update(text)
    .digest('hex')
  return {
    method: 'PUT',
    path: '/b/k',
    rawQuery: '',
    service: 's3',
    now: new Date('2013-05-24T00:00:00Z'),
    headers: [
      ...Object.entries(all).flat(),
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    ],
  }
}

describe('other bodies', () => {
  test('a signed hash is compared when the body has ended', async () => {
    expect((await decode(put(sha256('hello')), Buffer.from('hello'))).toString()).toBe('hello')
    await expect(decode(put(sha256('hello')), Buffer.from('hullo'))).rejects.toMatchObject({
      code: 'XAmzContentSHA256Mismatch',
      message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
      fields: { ClientComputedContentSHA256: sha256('hello'), S3ComputedContentSHA256: sha256('hullo') },
    })
  })
  test('a body that was read before is compared at once', async () => {
    const request = put(sha256('hello'))
    expect(await verifyRequest({ ...request, body: Buffer.from('hello') }, find)).toMatchObject({
      principal: 'example',
    })
    await expect(verifyRequest({ ...request, body: Buffer.from('hullo') }, find)).rejects.toMatchObject({
      code: 'XAmzContentSHA256Mismatch',
    })
  })
  test('an empty body has the hash of nothing', async () => {
    expect((await decode(put(EMPTY_SHA256), Buffer.alloc(0))).length).toBe(0)
  })
  test('an unsigned payload goes through as it is', async () => {
    expect((await decode(put('UNSIGNED-PAYLOAD'), Buffer.from('any'))).toString()).toBe('any')
  })
  test('a hash that is none is refused', async () => {
    await expect(verifyRequest(put('abc'), find)).rejects.toMatchObject({ code: 'InvalidArgument' })
  })
  test('chunks without signatures carry checksum trailers', async () => {
    const request = put('STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
      'x-amz-decoded-content-length': '5',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    })
    const verified = await verifyRequest(request, find)
    const body = Readable.from([Buffer.from('5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n')])
    expect((await buffer(verified.decode(body))).toString()).toBe('hello')
    expect(await verified.trailers).toEqual({ 'x-amz-checksum-crc32': 'NhCmhg==' })
  })
  test('chunks without signatures are also decoded for anonymous callers', async () => {
    const headers = [
      'Host',
      'h',
      'x-amz-content-sha256',
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length',
      '2',
    ]
    const request = { ...put('UNSIGNED-PAYLOAD'), headers, anonymous: 'nobody' }
    const verified = await verifyRequest(request, find as never)
    expect((await buffer(verified.decode(Readable.from([Buffer.from('2\r\nhi\r\n0\r\n\r\n')])))).toString()).toBe('hi')
  })
  test('a small chunk is only allowed at the end', async () => {
    const request = put('STREAMING-UNSIGNED-PAYLOAD-TRAILER', { 'x-amz-decoded-content-length': '4' })
    await expect(decode(request, Buffer.from('2\r\nhi\r\n2\r\nho\r\n0\r\n\r\n'))).rejects.toMatchObject({
      code: 'InvalidChunkSizeError',
      fields: { Chunk: 1 },
    })
  })
  test('a streaming body must say its decoded length', async () => {
    await expect(verifyRequest(put('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'), find)).rejects.toMatchObject({
      code: 'MissingContentLength',
      status: 411,
    })
  })
  test('500 MB of chunks are decoded in flat memory', async () => {
    const size = 500 * 1024 * 1024
    const piece = Buffer.alloc(1024 * 1024)
    const request = put('STREAMING-UNSIGNED-PAYLOAD-TRAILER', { 'x-amz-decoded-content-length': String(size) })
    const source = Readable.from(
      (function* () {
        yield Buffer.from(`${size.toString(16)}\r\n`)
        for (let i = 0; i < 500; i++) yield piece
        yield Buffer.from('\r\n0\r\n\r\n')
      })(),
    )
    const before = process.memoryUsage().rss
    let seen = 0
    let peak = before
    for await (const part of (await verifyRequest(request, find)).decode(source)) {
      seen += part.length
      peak = Math.max(peak, process.memoryUsage().rss)
    }
    expect(seen).toBe(size)
    expect(peak - before).toBeLessThan(64 * 1024 * 1024)
  })
})
