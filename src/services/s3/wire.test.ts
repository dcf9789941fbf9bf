// Over a socket with the SDK's client and bare HTTP: what the gateway's callers do not see.

import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { Readable } from 'node:stream'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWireHouse, type WireHouse } from './testing/wireHouse.ts'

let wire: WireHouse
let client: S3Client
const Bucket = 'wire-bucket'
beforeAll(async () => {
  wire = await openWireHouse()
  client = wire.client()
  await client.send(new CreateBucketCommand({ Bucket }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'ten', Body: '0123456789' }))
})
afterAll(() => wire.close())

describe('the SDK', () => {
  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'sends %s with a buffer and behind a stream, and checks it when it reads',
    async ChecksumAlgorithm => {
      const bytes = randomBytes(100_000)
      for (const Body of [bytes, Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)])]) {
        const Key = `checked/${ChecksumAlgorithm}`
        const put = await client.send(
          new PutObjectCommand({ Bucket, Key, Body, ContentLength: bytes.length, ChecksumAlgorithm }),
        )
        expect(put.ETag).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`)
        expect(put[`Checksum${ChecksumAlgorithm}`]).toBeDefined()
        const got = await client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }))
        expect(got[`Checksum${ChecksumAlgorithm}`]).toBe(put[`Checksum${ChecksumAlgorithm}`])
        expect(Buffer.from(await got.Body!.transformToByteArray())).toEqual(bytes)
      }
    },
  )

  test('keeps keys and metadata as they are', async () => {
    const Key = 'a b/ü+%41/../..//&<>"\'?#=.txt'
    await client.send(
      new PutObjectCommand({ Bucket, Key, Body: 'x', Metadata: { name: 'a, b' }, CacheControl: 'max-age=1' }),
    )
    expect(await client.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentLength: 1,
      Metadata: { name: 'a, b' },
      CacheControl: 'max-age=1',
    })
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'a b/' }))
    expect(listed.Contents?.[0]?.Key).toBe(Key)
    const CopySource = `${Bucket}/${encodeURIComponent(Key)}`
    await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }))
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }, { Key: 'copy' }] } }),
    )
    expect(Deleted?.map(one => one.Key)).toEqual([Key, 'copy'])
  })

  test('sees ranges, conditions and errors by their status', async () => {
    const get = (more: object) => client.send(new GetObjectCommand({ Bucket, Key: 'ten', ...more }))
    const part = await get({ Range: 'bytes=2-4' })
    expect([part.$metadata.httpStatusCode, part.ContentRange, await part.Body!.transformToString()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ])
    await expect(get({ Range: 'bytes=10-' })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    })
    await expect(get({ IfMatch: '"x"' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
    await expect(get({ IfNoneMatch: part.ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
      Key: 'none',
    })
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({
      name: 'NotFound',
    })
    await expect(client.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
      BucketName: 'no-such-bucket',
    })
  })

  test('uploads in parts with its default checksums', async () => {
    const at = { Bucket, Key: 'parts' }
    const bodies = [randomBytes(5 * 1024 * 1024), randomBytes(10)]
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' }))
    const Parts = []
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }))
      Parts.push({ PartNumber, ETag, ChecksumCRC32 })
    }
    const done = await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }))
    expect(done).toMatchObject({ ETag: expect.stringMatching(/-2"$/), ChecksumType: 'COMPOSITE' })
    const got = await client.send(new GetObjectCommand(at))
    expect(Buffer.from(await got.Body!.transformToByteArray())).toEqual(Buffer.concat(bodies))
  })

  test('reaches buckets by host name, and learns their location', async () => {
    // Not every resolver knows names below localhost, as browsers do.
    const httpAgent = new Agent({
      lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    const endpoint = `http://localhost:${wire.port}`
    const virtual = wire.client({ endpoint, forcePathStyle: false, requestHandler: { httpAgent } })
    const { LocationConstraint } = await virtual.send(new GetBucketLocationCommand({ Bucket }))
    expect(LocationConstraint).toBeUndefined()
    await virtual.send(new PutObjectCommand({ Bucket, Key: 'by/host', Body: 'x' }))
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'by/host' }))).ContentLength).toBe(1)
  })
})

/** One bare request. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  return new Promise<{ status: number; headers: Record<string, any>; body: string }>((resolve, reject) => {
    const sent = request({ port: wire.port, host: '127.0.0.1', method, path, headers }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('bare HTTP', () => {
  test('without a signature is refused in XML', async () => {
    const answer = await send('GET', `/${Bucket}/ten`)
    expect(answer.status).toBe(403)
    expect(answer.headers['content-type']).toBe('application/xml')
    expect(answer.body).toMatch(/<Error><Code>AccessDenied<\/Code>.*<RequestId>/)
    expect((await send('HEAD', `/${Bucket}/ten`)).body).toBe('')
  })

  test('signed in the query needs no header, and may say what a download is called', async () => {
    expect((await send('PUT', await wire.presigned('PUT', `/${Bucket}/pre signed`), {}, 'by link')).status).toBe(200)
    const named = {
      'response-content-disposition': 'attachment; filename="a.txt"',
      'response-content-type': 'text/plain',
    }
    const answer = await send('GET', await wire.presigned('GET', `/${Bucket}/pre signed`, named))
    expect(answer).toMatchObject({
      status: 200,
      body: 'by link',
      headers: { 'content-disposition': 'attachment; filename="a.txt"', 'content-type': 'text/plain' },
    })
    const changed = (await wire.presigned('GET', `/${Bucket}/ten`)).replace('/ten', '/pre%20signed')
    expect((await send('GET', changed)).body).toContain('<Code>SignatureDoesNotMatch</Code>')
  })

  test('of a range or a known version of the bytes is 206 or 304 with its headers', async () => {
    const path = await wire.presigned('GET', `/${Bucket}/ten`)
    const part = await send('GET', path, { range: 'bytes=-2' })
    expect(part).toMatchObject({
      status: 206,
      body: '89',
      headers: { 'content-range': 'bytes 8-9/10', 'accept-ranges': 'bytes' },
    })
    const known = await send('GET', path, { 'if-none-match': part.headers.etag })
    expect(known).toMatchObject({ status: 304, body: '', headers: { etag: part.headers.etag } })
    const behind = await send('GET', path, { range: 'bytes=10-' })
    expect(behind).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } })
    expect(behind.body).toContain('<ActualObjectSize>10</ActualObjectSize>')
  })

  test('whose body breaks off leaves no object', async () => {
    const broken = request({
      port: wire.port,
      host: '127.0.0.1',
      method: 'PUT',
      path: await wire.presigned('PUT', `/${Bucket}/half`),
      headers: { 'content-length': '100' },
    })
    broken.on('error', () => {})
    broken.setHeader('expect', '100-continue')
    const begun = new Promise(resolve => broken.once('continue', resolve))
    broken.flushHeaders()
    await begun
    broken.write('only some', () => broken.destroy())
    await new Promise(resolve => broken.once('close', resolve))
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'half' }))).rejects.toMatchObject({
      name: 'NotFound',
    })
  })
})
