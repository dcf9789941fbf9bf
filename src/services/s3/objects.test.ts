// Objects through the gateway: write, read, conditions, ranges, copies, versions, deletions, and what becomes of their blobs.

import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { s3 } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [s3], now: '2026-03-01T10:00:00.500Z' })
})
afterAll(() => house.close())

let count = 0
async function bucket(versioning?: 'Enabled'): Promise<string> {
  const Bucket = `test-bucket-${++count}`
  await house.invoke('s3', 'CreateBucket', { Bucket })
  if (versioning) await version(Bucket, versioning)
  return Bucket
}
const version = (Bucket: string, Status: 'Enabled' | 'Suspended') =>
  house.invoke('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status } })
const put = (Bucket: string, Key: string, Body: string | Uint8Array | Readable = 'x', more: object = {}) =>
  house.invoke('s3', 'PutObject', { Bucket, Key, Body: Body as string, ...more })
const get = (Bucket: string, Key: string, more: object = {}) =>
  house.invoke('s3', 'GetObject', { Bucket, Key, ...more })
const read = async (Bucket: string, Key: string, more: object = {}) =>
  text((await get(Bucket, Key, more)).Body as Readable)
const blobs = async () => (await Array.fromAsync(blobStore().list('s3', new Date('2100-01-01')))).length
const blobStore = () => house.openCall(s3).blobs

describe('an object', () => {
  test('comes back as it was put, with headers, metadata and checksum', async () => {
    const Bucket = await bucket()
    const written = await put(Bucket, 'a/ü.txt', 'hello', {
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentEncoding: 'aws-chunked,gzip',
      Metadata: { Purpose: 'greeting' },
      Tagging: 'team=blue&env=test',
      ChecksumAlgorithm: 'SHA256',
    })
    expect(written).toMatchObject({
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
      ChecksumType: 'FULL_OBJECT',
      ServerSideEncryption: 'AES256',
    })
    const answer = await get(Bucket, 'a/ü.txt', { ChecksumMode: 'ENABLED' })
    expect(await text(answer.Body as Readable)).toBe('hello')
    expect(answer).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentEncoding: 'gzip',
      Metadata: { purpose: 'greeting' },
      LastModified: new Date('2026-03-01T10:00:00Z'),
      ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
      TagCount: 2,
      AcceptRanges: 'bytes',
    })
    expect(answer.VersionId).toBeUndefined()
    expect(await house.invoke('s3', 'GetObjectTagging', { Bucket, Key: 'a/ü.txt' })).toMatchObject({
      TagSet: [
        { Key: 'team', Value: 'blue' },
        { Key: 'env', Value: 'test' },
      ],
    })
  })

  test('without a checksum gets CRC64NVME, and binary/octet-stream without a type', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', '123456789')
    expect(await house.invoke('s3', 'HeadObject', { Bucket, Key: 'k', ChecksumMode: 'ENABLED' })).toMatchObject({
      ChecksumCRC64NVME: 'rosUhgp5mIg=',
      ContentType: 'binary/octet-stream',
    })
  })

  test('can be empty, and takes no blob then', async () => {
    const Bucket = await bucket()
    const before = await blobs()
    await put(Bucket, 'folder/', '')
    expect(await read(Bucket, 'folder/')).toBe('')
    expect(await blobs()).toBe(before)
  })

  test.each([
    ['Content-MD5', { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
    ['a Content-MD5 that is none', { ContentMD5: 'xx' }, 'InvalidDigest'],
    ['CRC32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['a CRC32 that is none', { ChecksumCRC32: 'zz' }, 'InvalidRequest'],
    ['two checksums', { ChecksumCRC32: 'AAAAAA==', ChecksumSHA1: 'x' }, 'InvalidRequest'],
    ['the length', { ContentLength: 7 }, 'IncompleteBody'],
    ['customer keys', { SSECustomerAlgorithm: 'AES256' }, 'NotImplemented'],
    ['a public ACL', { ACL: 'public-read' }, 'AccessControlListNotSupported'],
    ['an archive class', { StorageClass: 'GLACIER' }, 'NotImplemented'],
    ['a storage class', { StorageClass: 'GOLD' }, 'InvalidStorageClass'],
    ['long metadata', { Metadata: { a: 'x'.repeat(2048) } }, 'MetadataTooLarge'],
    ['tags twice', { Tagging: 'a=1&a=2' }, 'InvalidArgument'],
  ])('is refused for %s, and nothing is kept', async (_what, more, code) => {
    const Bucket = await bucket()
    const before = await blobs()
    await expect(put(Bucket, 'k', 'body', more)).rejects.toMatchObject({ code })
    await expect(get(Bucket, 'k')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404, fields: { Key: 'k' } })
    expect(await blobs()).toBe(before)
  })

  test('whose stream breaks is not there', async () => {
    const Bucket = await bucket()
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half')
        throw new Error('connection lost')
      })(),
    )
    await expect(put(Bucket, 'k', broken)).rejects.toThrow()
    await expect(get(Bucket, 'k')).rejects.toMatchObject({ code: 'NoSuchKey' })
  })

  test('needs a bucket, and a key of at most 1,024 bytes', async () => {
    await expect(put('no-such-bucket', 'k')).rejects.toMatchObject({
      code: 'NoSuchBucket',
      status: 404,
      fields: { BucketName: 'no-such-bucket' },
    })
    const Bucket = await bucket()
    await put(Bucket, 'ü'.repeat(512))
    await expect(put(Bucket, 'ü'.repeat(513))).rejects.toMatchObject({
      code: 'KeyTooLongError',
      fields: { Size: 1026, MaxSizeAllowed: 1024 },
    })
  })
})

describe('a range', () => {
  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
    ['bytes=0-1,3-4', '0123456789', undefined],
    ['lines=1-2', '0123456789', undefined],
    ['bytes=4-2', '0123456789', undefined],
  ])('%s is %s', async (Range, expected, ContentRange) => {
    const Bucket = await bucket()
    await put(Bucket, 'k', '0123456789')
    const answer = await get(Bucket, 'k', { Range })
    expect(await text(answer.Body as Readable)).toBe(expected)
    expect(answer.ContentRange).toBe(ContentRange)
    expect(answer.ContentLength).toBe(expected.length)
  })

  test.each(['bytes=10-', 'bytes=-0'])('%s of ten bytes is 416', async Range => {
    const Bucket = await bucket()
    await put(Bucket, 'k', '0123456789')
    await expect(get(Bucket, 'k', { Range })).rejects.toMatchObject({
      code: 'InvalidRange',
      status: 416,
      fields: { RangeRequested: Range, ActualObjectSize: 10 },
    })
  })
})

describe('conditions', () => {
  const etag = '"9dd4e461268c8034f5c8564e155c67a6"' // of x
  const past = new Date('2026-02-01')
  const future = new Date('2026-04-01')
  test.each([
    [{ IfMatch: etag }, 200],
    [{ IfMatch: '*' }, 200],
    [{ IfMatch: '"other"' }, 412],
    [{ IfNoneMatch: etag }, 304],
    [{ IfNoneMatch: '"other"' }, 200],
    [{ IfModifiedSince: past }, 200],
    [{ IfModifiedSince: future }, 304],
    [{ IfUnmodifiedSince: past }, 412],
    [{ IfUnmodifiedSince: future }, 200],
    [{ IfMatch: etag, IfUnmodifiedSince: past }, 200],
    [{ IfNoneMatch: etag, IfModifiedSince: past }, 304],
    [{ IfNoneMatch: '"other"', IfModifiedSince: future }, 200],
  ])('reading with %o answers %i', async (conditions, status) => {
    const Bucket = await bucket()
    await put(Bucket, 'k')
    const answer = await house.invoke('s3', 'HeadObject', { Bucket, Key: 'k', ...conditions }).then(
      () => 200,
      error => error.status,
    )
    expect(answer).toBe(status)
  })

  test('write only what is not there, or only over what is known', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', 'x', { IfNoneMatch: '*' })
    const failed = { code: 'PreconditionFailed', status: 412 }
    await expect(put(Bucket, 'k', 'y', { IfNoneMatch: '*' })).rejects.toMatchObject({
      ...failed,
      fields: { Condition: 'If-None-Match' },
    })
    await expect(put(Bucket, 'k', 'y', { IfMatch: '"other"' })).rejects.toMatchObject(failed)
    await put(Bucket, 'k', 'y', { IfMatch: etag })
    await expect(put(Bucket, 'new', 'y', { IfMatch: etag })).rejects.toMatchObject({ code: 'NoSuchKey' })
    expect(await read(Bucket, 'k')).toBe('y')
  })

  test('let one of many writers of a new key win', async () => {
    const Bucket = await bucket()
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => put(Bucket, 'lock', `${index}`, { IfNoneMatch: '*' })),
    )
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
  })
})

describe('versions', () => {
  test('are all kept and read by id; a delete marker hides them', async () => {
    const Bucket = await bucket('Enabled')
    const one = await put(Bucket, 'k', 'one')
    const two = await put(Bucket, 'k', 'two')
    expect(await read(Bucket, 'k')).toBe('two')
    expect(await read(Bucket, 'k', { VersionId: one.VersionId })).toBe('one')
    const marker = await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'k' })
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: expect.stringMatching(/^\w{32}$/) })
    await expect(get(Bucket, 'k')).rejects.toMatchObject({
      code: 'NoSuchKey',
      headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.VersionId },
    })
    await expect(get(Bucket, 'k', { VersionId: marker.VersionId })).rejects.toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
    })
    expect(await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'k', VersionId: marker.VersionId })).toMatchObject({
      DeleteMarker: true,
      VersionId: marker.VersionId,
    })
    expect(await read(Bucket, 'k')).toBe('two')
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'k', VersionId: two.VersionId })
    expect(await read(Bucket, 'k')).toBe('one')
    await expect(get(Bucket, 'k', { VersionId: two.VersionId })).rejects.toMatchObject({ code: 'NoSuchVersion' })
    await expect(get(Bucket, 'k', { VersionId: 'nonsense' })).rejects.toMatchObject({
      code: 'InvalidArgument',
      fields: { ArgumentName: 'versionId' },
    })
  })

  test('of a suspended bucket replace the null version and keep the others', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', 'before')
    await version(Bucket, 'Enabled')
    expect(await read(Bucket, 'k', { VersionId: 'null' })).toBe('before')
    const kept = await put(Bucket, 'k', 'kept')
    await version(Bucket, 'Suspended')
    expect(await put(Bucket, 'k', 'after')).toMatchObject({ VersionId: 'null' })
    expect(await read(Bucket, 'k', { VersionId: 'null' })).toBe('after')
    expect(await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'k' })).toMatchObject({
      DeleteMarker: true,
      VersionId: 'null',
    })
    expect(await read(Bucket, 'k', { VersionId: kept.VersionId })).toBe('kept')
    const listed = await house.invoke('s3', 'ListObjectVersions', { Bucket })
    expect(listed.Versions).toHaveLength(1)
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: 'null', IsLatest: true }])
  })
})

describe('many at once on one key', () => {
  test('leave one latest version, whoever came last', async () => {
    const Bucket = await bucket('Enabled')
    await Promise.all(
      Array.from({ length: 24 }, (_, index) => {
        if (index % 4 === 1) return house.invoke('s3', 'DeleteObject', { Bucket, Key: 'k' })
        if (index % 4 === 3) {
          return house.invoke('s3', 'DeleteObjects', {
            Bucket,
            Delete: { Objects: [{ Key: 'k' }, { Key: `other-${index}` }] },
          })
        }
        return put(Bucket, 'k', `${index}`)
      }),
    )
    const { Versions = [], DeleteMarkers = [] } = await house.invoke('s3', 'ListObjectVersions', {
      Bucket,
      Prefix: 'k',
    })
    expect([Versions.length, DeleteMarkers.length]).toEqual([12, 12])
    expect([...Versions, ...DeleteMarkers].filter(version => version.IsLatest)).toHaveLength(1)
  })

  test('of a bucket without versions leave one object and no bytes of the others', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', 'first')
    const before = await blobs()
    await Promise.all(Array.from({ length: 12 }, (_, index) => put(Bucket, 'k', `body ${index}`)))
    house.clock.advance(2 * 3600_000)
    await house.runJobs()
    expect(await blobs()).toBeLessThanOrEqual(before)
    expect(await read(Bucket, 'k')).toMatch(/^body \d+$/)
  })
})

describe('deleting many', () => {
  test('answers for each, also for what is not there, and takes versions', async () => {
    const Bucket = await bucket('Enabled')
    const { VersionId } = await put(Bucket, 'a')
    await put(Bucket, 'b')
    const { Deleted } = await house.invoke('s3', 'DeleteObjects', {
      Bucket,
      Delete: { Objects: [{ Key: 'a', VersionId }, { Key: 'b' }, { Key: 'never' }] },
    })
    expect(Deleted).toEqual([
      { Key: 'a', VersionId },
      { Key: 'b', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
      { Key: 'never', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
    ])
    expect(
      await house.invoke('s3', 'DeleteObjects', { Bucket, Delete: { Quiet: true, Objects: [{ Key: 'a' }] } }),
    ).toEqual({})
  })

  test('a thousand keys go at once; one more is MalformedXML', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'key-7')
    const Objects = Array.from({ length: 1000 }, (_, index) => ({ Key: `key-${index}` }))
    const { Deleted } = await house.invoke('s3', 'DeleteObjects', { Bucket, Delete: { Objects } })
    expect(Deleted).toHaveLength(1000)
    await expect(get(Bucket, 'key-7')).rejects.toMatchObject({ code: 'NoSuchKey' })
    await expect(
      house.invoke('s3', 'DeleteObjects', { Bucket, Delete: { Objects: [...Objects, { Key: 'x' }] } }),
    ).rejects.toMatchObject({ code: 'MalformedXML' })
  })
})

describe('a copy', () => {
  test('takes metadata and tags along, or replaces them', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'a b+ü', 'bytes', { Metadata: { m: '1' }, ContentType: 'text/css', Tagging: 't=1' })
    const CopySource = `${Bucket}/${encodeURIComponent('a b+ü')}`
    const { CopyObjectResult } = await house.invoke('s3', 'CopyObject', { Bucket, Key: 'c', CopySource })
    expect(CopyObjectResult).toMatchObject({ ETag: '"4b3a6218bb3e3a7303e8a171a60fcf92"' })
    expect(await get(Bucket, 'c')).toMatchObject({ Metadata: { m: '1' }, ContentType: 'text/css', TagCount: 1 })
    await house.invoke('s3', 'CopyObject', {
      Bucket,
      Key: 'c',
      CopySource,
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      Metadata: { n: '2' },
    })
    const answer = await get(Bucket, 'c')
    expect(answer).toMatchObject({ Metadata: { n: '2' }, ContentType: 'binary/octet-stream' })
    expect(answer.TagCount).toBeUndefined()
    expect(await text(answer.Body as Readable)).toBe('bytes')
  })

  test('onto itself must change something', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k')
    const CopySource = `/${Bucket}/k`
    await expect(house.invoke('s3', 'CopyObject', { Bucket, Key: 'k', CopySource })).rejects.toMatchObject({
      code: 'InvalidRequest',
    })
    await house.invoke('s3', 'CopyObject', { Bucket, Key: 'k', CopySource, MetadataDirective: 'REPLACE' })
    expect(await read(Bucket, 'k')).toBe('x')
  })

  test('shares bytes with its source, which may go first', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'a', 'shared')
    const before = await blobs()
    await house.invoke('s3', 'CopyObject', { Bucket, Key: 'b', CopySource: `${Bucket}/a` })
    expect(await blobs()).toBe(before)
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'a' })
    house.clock.advance(2 * 3600_000)
    await house.runJobs()
    expect(await read(Bucket, 'b')).toBe('shared')
  })

  test('of conditions that do not hold is 412', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'a')
    await expect(
      house.invoke('s3', 'CopyObject', { Bucket, Key: 'b', CopySource: `${Bucket}/a`, CopySourceIfMatch: '"other"' }),
    ).rejects.toMatchObject({ code: 'PreconditionFailed', status: 412 })
  })

  test('with another checksum is read for it', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'a', '123456789')
    const input = { Bucket, Key: 'b', CopySource: `${Bucket}/a`, ChecksumAlgorithm: 'CRC32C' as const }
    const { CopyObjectResult } = await house.invoke('s3', 'CopyObject', input)
    expect(CopyObjectResult).toMatchObject({ ChecksumCRC32C: '4waSgw==' })
  })
})

describe('bytes of objects that are gone', () => {
  test('stay an hour for their readers, then they go', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', randomBytes(1000))
    const before = await blobs()
    const reader = await get(Bucket, 'k')
    await put(Bucket, 'k', 'new')
    await house.runJobs()
    expect(await blobs()).toBe(before + 1)
    expect(await buffer(reader.Body as Readable)).toHaveLength(1000)
    house.clock.advance(2 * 3600_000)
    await house.runJobs()
    expect(await blobs()).toBe(before)
    expect(await read(Bucket, 'k')).toBe('new')
  })

  test('that a crash left without a row are found after a day', async () => {
    const Bucket = await bucket()
    await put(Bucket, 'k', 'kept')
    const before = await blobs()
    await blobStore().put(Buffer.from('half an upload'), 's3')
    await blobStore().put(Buffer.from('of another service'), 'other')
    house.clock.set('2099-01-01')
    await s3.tasks!.tidy!(house.openCall(s3), {})
    expect(await blobs()).toBe(before)
    expect(await read(Bucket, 'k')).toBe('kept')
  })
})

describe('events', () => {
  test('tell what was created and deleted, to rules only when the bucket says so', async () => {
    const Bucket = await bucket('Enabled')
    await put(Bucket, 'quiet')
    expect(house.events.at(-1)).toMatchObject({ source: 'codeyard.s3', 'detail-type': 'Object Created' })
    await house.invoke('s3', 'PutBucketNotificationConfiguration', {
      Bucket,
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    })
    const { VersionId } = await put(Bucket, 'loud', 'hello')
    expect(house.events.at(-1)).toMatchObject({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: '0',
        bucket: { name: Bucket },
        object: {
          key: 'loud',
          size: 5,
          etag: '5d41402abc4b2a76b9719d911017c592',
          'version-id': VersionId,
          sequencer: expect.stringMatching(/^[0-9A-F]{16}$/),
        },
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    })
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'loud' })
    expect(house.events.at(-1)).toMatchObject({
      'detail-type': 'Object Deleted',
      detail: { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' },
    })
  })
})
