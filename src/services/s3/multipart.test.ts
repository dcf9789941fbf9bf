// Multipart uploads: checks on completion, checksums of both types, copies as parts, and that aborted ones leave nothing.

import { createHash, randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { s3 } from './index.ts'

let house: TestHouse
const Bucket = 'uploads'
beforeAll(async () => {
  house = await openHouse({ services: [s3] })
  await house.invoke('s3', 'CreateBucket', { Bucket })
})
afterAll(() => house.close())

const MB = 1024 * 1024
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest()
const base64Crc = (bytes: Uint8Array) => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(crc32(bytes))
  return out.toString('base64')
}

async function start(Key: string, more: object = {}) {
  const { UploadId } = await house.invoke('s3', 'CreateMultipartUpload', { Bucket, Key, ...more })
  const at = { Bucket, Key, UploadId: UploadId! }
  return {
    at,
    part: (PartNumber: number, Body: Uint8Array, more: object = {}) =>
      house.invoke('s3', 'UploadPart', { ...at, PartNumber, Body, ...more }),
    complete: (Parts: object[], more: object = {}) =>
      house.invoke('s3', 'CompleteMultipartUpload', { ...at, MultipartUpload: { Parts }, ...more }),
  }
}
const bytesOf = async (Key: string, more: object = {}) =>
  buffer((await house.invoke('s3', 'GetObject', { Bucket, Key, ...more })).Body as Readable)

describe('a multipart upload', () => {
  test('becomes one object with the MD5 of the MD5s, readable by range and by part', async () => {
    const [one, two] = [randomBytes(5 * MB), randomBytes(100)]
    const upload = await start('big', { ContentType: 'video/x', Metadata: { a: 'b' } })
    const second = await upload.part(7, two)
    const first = await upload.part(1, one)
    const done = await upload.complete([
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 7, ETag: second.ETag },
    ])
    const etag = `"${md5(Buffer.concat([md5(one), md5(two)])).toString('hex')}-2"`
    expect(done).toMatchObject({ Bucket, Key: 'big', ETag: etag, Location: expect.stringContaining('/uploads/big') })
    expect(await bytesOf('big')).toEqual(Buffer.concat([one, two]))
    expect(await bytesOf('big', { Range: `bytes=${5 * MB - 2}-${5 * MB + 1}` })).toEqual(
      Buffer.concat([one.subarray(-2), two.subarray(0, 2)]),
    )
    expect(await house.invoke('s3', 'HeadObject', { Bucket, Key: 'big', PartNumber: 7 })).toMatchObject({
      ContentLength: 100,
      PartsCount: 2,
      ContentType: 'video/x',
      Metadata: { a: 'b' },
      ContentRange: `bytes ${5 * MB}-${5 * MB + 99}/${5 * MB + 100}`,
    })
    await expect(house.invoke('s3', 'GetObject', { Bucket, Key: 'big', PartNumber: 3 })).rejects.toMatchObject({
      code: 'InvalidPartNumber',
      status: 416,
    })
  })

  test('answers the same again to a client that did not hear it', async () => {
    const upload = await start('again')
    const { ETag } = await upload.part(1, Buffer.from('x'))
    const done = await upload.complete([{ PartNumber: 1, ETag }])
    expect(await upload.complete([{ PartNumber: 1, ETag }])).toEqual(done)
    await expect(upload.part(2, Buffer.from('late'))).rejects.toMatchObject({ code: 'NoSuchUpload' })
  })

  test('of parts without a checksum gets CRC64NVME of the whole', async () => {
    const upload = await start('nvme')
    const { ETag, ...rest } = await upload.part(1, Buffer.from('123456789'))
    expect(Object.keys(rest).filter(name => name.startsWith('Checksum'))).toEqual([])
    const done = await upload.complete([{ PartNumber: 1, ETag }])
    expect(done).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' })
  })

  test('can have a composite checksum, whose parts must be told again', async () => {
    const bodies = [randomBytes(5 * MB), Buffer.from('end')]
    const upload = await start('composite', { ChecksumAlgorithm: 'CRC32' })
    const parts = await Promise.all(
      bodies.map(async (body, index) => {
        const { ETag, ChecksumCRC32 } = await upload.part(index + 1, body, { ChecksumCRC32: base64Crc(body) })
        return { PartNumber: index + 1, ETag, ChecksumCRC32 }
      }),
    )
    await expect(upload.complete(parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })))).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringContaining('It was missing for part 1'),
    })
    const done = await upload.complete(parts)
    const digests = Buffer.concat(bodies.map(body => Buffer.from(base64Crc(body), 'base64')))
    expect(done).toMatchObject({ ChecksumCRC32: `${base64Crc(digests)}-2`, ChecksumType: 'COMPOSITE' })
    expect(
      await house.invoke('s3', 'GetObjectAttributes', {
        Bucket,
        Key: 'composite',
        ObjectAttributes: ['Checksum', 'ObjectParts', 'ObjectSize', 'ETag'],
      }),
    ).toMatchObject({
      ObjectSize: 5 * MB + 3,
      Checksum: { ChecksumCRC32: done.ChecksumCRC32, ChecksumType: 'COMPOSITE' },
      ObjectParts: {
        TotalPartsCount: 2,
        Parts: [
          { PartNumber: 1, Size: 5 * MB },
          { PartNumber: 2, Size: 3 },
        ],
      },
    })
  })

  test('can have the checksum of the whole, which the client may check', async () => {
    const bodies = [randomBytes(5 * MB), Buffer.from('end')]
    const upload = await start('whole', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' })
    const parts: object[] = []
    for (const [index, body] of bodies.entries()) {
      const { ETag } = await upload.part(index + 1, body)
      parts.push({ PartNumber: index + 1, ETag })
    }
    await expect(upload.complete(parts, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ code: 'BadDigest' })
    await expect(upload.complete(parts, { MpuObjectSize: 1 })).rejects.toMatchObject({ code: 'InvalidRequest' })
    const ChecksumCRC32 = base64Crc(Buffer.concat(bodies))
    expect(await upload.complete(parts, { ChecksumCRC32 })).toMatchObject({
      ChecksumCRC32,
      ChecksumType: 'FULL_OBJECT',
    })
  })

  test.each([
    ['SHA256', 'FULL_OBJECT'],
    ['CRC64NVME', 'COMPOSITE'],
  ] as const)('refuses %s with %s', async (ChecksumAlgorithm, ChecksumType) => {
    await expect(start('k', { ChecksumAlgorithm, ChecksumType })).rejects.toMatchObject({ code: 'InvalidRequest' })
  })

  test('refuses parts of another checksum than it was begun with', async () => {
    const upload = await start('mixed', { ChecksumAlgorithm: 'SHA1' })
    const body = Buffer.from('x')
    await expect(upload.part(1, body, { ChecksumCRC32: base64Crc(body) })).rejects.toMatchObject({
      message: 'Checksum Type mismatch occurred, expected checksum Type: sha1, actual checksum Type: crc32',
    })
  })

  test('is checked on completion: order, ETags, sizes, presence', async () => {
    const upload = await start('checks')
    const one = await upload.part(1, Buffer.from('small'))
    const two = await upload.part(2, Buffer.from('last'))
    const parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ]
    await expect(upload.complete(parts)).rejects.toMatchObject({
      code: 'EntityTooSmall',
      fields: { ProposedSize: 5, MinSizeAllowed: 5 * MB, PartNumber: 1 },
    })
    await expect(upload.complete([...parts].reverse())).rejects.toMatchObject({ code: 'InvalidPartOrder' })
    await expect(upload.complete([{ PartNumber: 1, ETag: '"x"' }])).rejects.toMatchObject({ code: 'InvalidPart' })
    await expect(upload.complete([{ PartNumber: 3, ETag: two.ETag }])).rejects.toMatchObject({ code: 'InvalidPart' })
    await expect(upload.complete([])).rejects.toMatchObject({ code: 'MalformedXML' })
    await upload.complete(parts.slice(1))
    expect((await bytesOf('checks')).toString()).toBe('last')
  })

  test('of parts that were sent again takes the last one', async () => {
    const upload = await start('twice')
    await upload.part(1, Buffer.from('first'))
    const { ETag } = await upload.part(1, Buffer.from('second'))
    const { Parts } = await house.invoke('s3', 'ListParts', upload.at)
    expect(Parts).toMatchObject([{ PartNumber: 1, Size: 6, ETag }])
    await upload.complete([{ PartNumber: 1, ETag }])
    expect((await bytesOf('twice')).toString()).toBe('second')
  })

  test('takes ranges of other objects as parts', async () => {
    const source = randomBytes(6 * MB)
    await house.invoke('s3', 'PutObject', { Bucket, Key: 'source', Body: source })
    const upload = await start('assembled')
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      house.invoke('s3', 'UploadPartCopy', {
        ...upload.at,
        PartNumber,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      })
    const one = await copy(1)
    const two = await copy(2, 'bytes=10-19')
    expect(two.CopyPartResult?.ETag).toBe(`"${md5(source.subarray(10, 20)).toString('hex')}"`)
    await expect(copy(3, 'bytes=0-99999999')).rejects.toMatchObject({ code: 'InvalidArgument' })
    await upload.complete([
      { PartNumber: 1, ETag: one.CopyPartResult?.ETag },
      { PartNumber: 2, ETag: two.CopyPartResult?.ETag },
    ])
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'source' })
    house.clock.advance(2 * 3600_000)
    await house.runJobs()
    expect(await bytesOf('assembled')).toEqual(Buffer.concat([source, source.subarray(10, 20)]))
    const { CopyObjectResult } = await house.invoke('s3', 'CopyObject', {
      Bucket,
      Key: 'flat',
      CopySource: `${Bucket}/assembled`,
    })
    expect(CopyObjectResult?.ETag).toBe(`"${md5(Buffer.concat([source, source.subarray(10, 20)])).toString('hex')}"`)
  })

  test('that is aborted leaves nothing', async () => {
    const blobs = async () =>
      (await Array.fromAsync(house.openCall(s3).blobs.list('s3', new Date('2100-01-01')))).length
    const before = await blobs()
    const upload = await start('aborted')
    await upload.part(1, Buffer.from('x'))
    await house.invoke('s3', 'AbortMultipartUpload', upload.at)
    await expect(upload.complete([{ PartNumber: 1, ETag: 'x' }])).rejects.toMatchObject({ code: 'NoSuchUpload' })
    await expect(house.invoke('s3', 'ListParts', upload.at)).rejects.toMatchObject({ code: 'NoSuchUpload' })
    house.clock.advance(2 * 3600_000)
    await house.runJobs()
    expect(await blobs()).toBe(before)
  })
})
