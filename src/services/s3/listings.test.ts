// Listings: byte order, prefixes and delimiters, pages, encodings, versions, uploads.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { s3 } from './index.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openHouse({ services: [s3] })
})
afterAll(() => house.close())

let count = 0
async function bucketWith(...keys: string[]): Promise<string> {
  const Bucket = `list-${++count}-bucket`
  await house.invoke('s3', 'CreateBucket', { Bucket })
  for (const Key of keys) await house.invoke('s3', 'PutObject', { Bucket, Key, Body: 'x' })
  return Bucket
}

async function list(Bucket: string, more: object = {}) {
  const answer = await house.invoke('s3', 'ListObjectsV2', { Bucket, ...more })
  return {
    keys: (answer.Contents ?? []).map(({ Key }) => Key),
    prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    answer,
  }
}

/** All pages of `size`, keys and prefixes mixed as they came. */
async function pages(Bucket: string, MaxKeys: number, more: object = {}) {
  const found: string[][] = []
  for (let ContinuationToken: string | undefined; ; ) {
    const { keys, prefixes, answer } = await list(Bucket, { MaxKeys, ContinuationToken, ...more })
    found.push([...keys, ...prefixes].sort() as string[])
    ContinuationToken = answer.NextContinuationToken
    if (!answer.IsTruncated) return found
  }
}

describe('ListObjectsV2', () => {
  test('orders keys by their bytes, not by any language', async () => {
    const Bucket = await bucketWith('b', 'B', 'ä', 'a', '𝄞', '\uffee', '_', '1')
    expect((await list(Bucket)).keys).toEqual(['1', 'B', '_', 'a', 'b', 'ä', '\uffee', '𝄞'])
  })

  test('groups by delimiter below a prefix', async () => {
    const Bucket = await bucketWith('a.txt', 'photos/2006/1', 'photos/2006/2', 'photos/2007/1', 'photos/x', 'z/')
    expect(await list(Bucket, { Delimiter: '/' })).toMatchObject({ keys: ['a.txt'], prefixes: ['photos/', 'z/'] })
    expect(await list(Bucket, { Delimiter: '/', Prefix: 'photos/' })).toMatchObject({
      keys: ['photos/x'],
      prefixes: ['photos/2006/', 'photos/2007/'],
    })
    expect(await list(Bucket, { Delimiter: '/', Prefix: 'pho' })).toMatchObject({ keys: [], prefixes: ['photos/'] })
    expect(await list(Bucket, { Delimiter: '200', Prefix: 'photos/' })).toMatchObject({
      keys: ['photos/x'],
      prefixes: ['photos/200'],
    })
    expect(await list(Bucket, { Prefix: 'photos/2006' })).toMatchObject({ keys: ['photos/2006/1', 'photos/2006/2'] })
  })

  test('knows no wildcards in prefixes', async () => {
    const Bucket = await bucketWith('a%b', 'a_b', 'axb')
    expect((await list(Bucket, { Prefix: 'a_' })).keys).toEqual(['a_b'])
    expect((await list(Bucket, { Prefix: 'a%' })).keys).toEqual(['a%b'])
  })

  test('pages through keys and prefixes without losing or repeating one', async () => {
    const Bucket = await bucketWith('a', 'b/1', 'b/2', 'b/3', 'c', 'd/1', 'd/2', 'e')
    expect(await pages(Bucket, 2, { Delimiter: '/' })).toEqual([['a', 'b/'], ['c', 'd/'], ['e']])
    expect(await pages(Bucket, 1, { Delimiter: '/' })).toEqual([['a'], ['b/'], ['c'], ['d/'], ['e']])
    expect(await pages(Bucket, 3)).toEqual([
      ['a', 'b/1', 'b/2'],
      ['b/3', 'c', 'd/1'],
      ['d/2', 'e'],
    ])
    expect((await list(Bucket, { MaxKeys: 0 })).answer).toMatchObject({ KeyCount: 0, IsTruncated: false })
  })

  test('starts after a key', async () => {
    const Bucket = await bucketWith('a', 'b/1', 'b/2', 'c')
    expect((await list(Bucket, { StartAfter: 'b/1' })).keys).toEqual(['b/2', 'c'])
    expect(await list(Bucket, { StartAfter: 'b/1', Delimiter: '/' })).toMatchObject({ keys: ['c'], prefixes: ['b/'] })
    expect((await list(Bucket, { StartAfter: 'zzz' })).keys).toEqual([])
    expect((await list(Bucket, { StartAfter: 'a', Prefix: 'b/' })).keys).toEqual(['b/1', 'b/2'])
  })

  test('hides deleted objects of versioned buckets', async () => {
    const Bucket = await bucketWith('a', 'b/1')
    await house.invoke('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'b/1' })
    expect(await list(Bucket, { Delimiter: '/' })).toMatchObject({ keys: ['a'], prefixes: [] })
  })

  test('encodes keys when asked', async () => {
    const Bucket = await bucketWith('ü +/x y')
    expect((await list(Bucket, { EncodingType: 'url' })).keys).toEqual(['%C3%BC%20%2B/x%20y'])
    expect(await list(Bucket, { EncodingType: 'url', Delimiter: '/' })).toMatchObject({ prefixes: ['%C3%BC%20%2B/'] })
  })

  test('refuses tokens that it never gave out', async () => {
    const Bucket = await bucketWith()
    await expect(list(Bucket, { ContinuationToken: '!!' })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: 'The continuation token provided is incorrect',
    })
  })

  test('steps over large groups by the index, however many keys are in them', async () => {
    const Bucket = await bucketWith()
    await house.store.pool.query(
      `insert into s3.objects (bucket, key, version_id, position, latest, size, etag, modified_at, storage_class, headers, metadata, tags, segments)
       select $1, 'group-' || g || '/' || lpad(i::text, 6, '0'), 'null', nextval('s3.position'), true, 1, 'e', now(), 'STANDARD', '{}', '{}', '[]', '[]'
       from generate_series(1, 5) g, generate_series(1, 20000) i`,
      [Bucket],
    )
    await house.store.pool.query('analyze s3.objects')
    const started = performance.now()
    expect((await list(Bucket, { Delimiter: '/' })).prefixes).toEqual([1, 2, 3, 4, 5].map(g => `group-${g}/`))
    expect(performance.now() - started).toBeLessThan(100) // reading all 100,000 keys takes longer
  })
})

describe('ListObjects', () => {
  test('goes on behind NextMarker, also when that is a common prefix', async () => {
    const Bucket = await bucketWith('asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/thud', 'cquux/bla')
    const one = async (Marker: string) => {
      const answer = await house.invoke('s3', 'ListObjects', { Bucket, Delimiter: '/', MaxKeys: 1, Marker })
      const names = [
        ...(answer.Contents ?? []).map(({ Key }) => Key),
        ...(answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      ]
      return [names, answer.IsTruncated, answer.NextMarker]
    }
    expect(await one('')).toEqual([['asdf'], true, 'asdf'])
    expect(await one('asdf')).toEqual([['boo/'], true, 'boo/'])
    expect(await one('boo/')).toEqual([['cquux/'], false, undefined])
  })
})

describe('ListObjectVersions', () => {
  test('shows newest first, in pages that may end within a key, even when the marker was deleted meanwhile', async () => {
    const Bucket = await bucketWith()
    await house.invoke('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    const ids: string[] = []
    for (const Key of ['a', 'k', 'k', 'k', 'z']) {
      ids.push((await house.invoke('s3', 'PutObject', { Bucket, Key, Body: 'x' })).VersionId!)
    }
    const first = await house.invoke('s3', 'ListObjectVersions', { Bucket, MaxKeys: 2 })
    expect(first.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [ids[0], true],
      [ids[3], true],
    ])
    expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: 'k', NextVersionIdMarker: ids[3] })
    await house.invoke('s3', 'DeleteObject', { Bucket, Key: 'k', VersionId: ids[3] })
    const rest = await house.invoke('s3', 'ListObjectVersions', {
      Bucket,
      KeyMarker: first.NextKeyMarker,
      VersionIdMarker: first.NextVersionIdMarker,
    })
    expect(rest.Versions?.map(({ VersionId }) => VersionId)).toEqual([ids[2], ids[1], ids[4]])
  })

  test('groups by delimiter', async () => {
    const Bucket = await bucketWith('a/1', 'a/2', 'b')
    expect(await house.invoke('s3', 'ListObjectVersions', { Bucket, Delimiter: '/' })).toMatchObject({
      Versions: [{ Key: 'b', VersionId: 'null', IsLatest: true }],
      CommonPrefixes: [{ Prefix: 'a/' }],
    })
  })
})

describe('ListMultipartUploads', () => {
  test('shows open uploads by key and age, in pages', async () => {
    const Bucket = await bucketWith()
    const ids: string[] = []
    for (const Key of ['b', 'a', 'b', 'c/1']) {
      ids.push((await house.invoke('s3', 'CreateMultipartUpload', { Bucket, Key })).UploadId!)
    }
    const first = await house.invoke('s3', 'ListMultipartUploads', { Bucket, MaxUploads: 2, Delimiter: '/' })
    expect(first.Uploads?.map(({ UploadId }) => UploadId)).toEqual([ids[1], ids[0]])
    const rest = await house.invoke('s3', 'ListMultipartUploads', {
      Bucket,
      Delimiter: '/',
      KeyMarker: first.NextKeyMarker,
      UploadIdMarker: first.NextUploadIdMarker,
    })
    expect(rest).toMatchObject({
      IsTruncated: false,
      Uploads: [{ UploadId: ids[2] }],
      CommonPrefixes: [{ Prefix: 'c/' }],
    })
  })
})

describe('ListBuckets', () => {
  test('pages by name and filters by prefix', async () => {
    for (const Bucket of ['own-b', 'own-a', 'own-c', 'other-a']) await house.invoke('s3', 'CreateBucket', { Bucket })
    const first = await house.invoke('s3', 'ListBuckets', { Prefix: 'own-', MaxBuckets: 2 })
    expect(first.Buckets).toMatchObject([{ Name: 'own-a', BucketRegion: 'us-east-1' }, { Name: 'own-b' }])
    const rest = await house.invoke('s3', 'ListBuckets', {
      Prefix: 'own-',
      ContinuationToken: first.ContinuationToken,
    })
    expect(rest.Buckets?.map(({ Name }) => Name)).toEqual(['own-c'])
    expect(rest.ContinuationToken).toBeUndefined()
  })
})
