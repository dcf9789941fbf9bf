// What every blob store does, as sentences; each implementation's test calls this.

import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { BlobStore } from './blobStore.ts'

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

export function blobStoreContract(name: string, open: () => Promise<BlobStore>): void {
  describe(`${name}, as a blob store`, () => {
    test('gives back what was put, with its size and MD5', async () => {
      const store = await open()
      const bytes = randomBytes(100_000)
      const blob = await store.put(bytes)
      expect(blob).toMatchObject({ size: 100_000, md5: md5(bytes) })
      expect(await buffer(await store.get(blob.id))).toEqual(bytes)
    })

    test('takes a stream of many small pieces', async () => {
      const store = await open()
      const pieces = Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index},`))
      const blob = await store.put(Readable.from(pieces))
      expect(blob.md5).toBe(md5(Buffer.concat(pieces)))
      expect(await buffer(await store.get(blob.id))).toEqual(Buffer.concat(pieces))
    })

    test('takes a stream that is larger than one part', async () => {
      const store = await open()
      const bytes = randomBytes(20 * 1024 * 1024 + 1)
      const blob = await store.put(Readable.from([bytes.subarray(0, 7_000_000), bytes.subarray(7_000_000)]))
      expect(blob).toMatchObject({ size: bytes.length, md5: md5(bytes) })
      expect(md5(await buffer(await store.get(blob.id)))).toBe(md5(bytes))
    })

    test('keeps an empty blob', async () => {
      const store = await open()
      const blob = await store.put(Readable.from([]))
      expect(blob).toMatchObject({ size: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e' })
      expect(await buffer(await store.get(blob.id))).toHaveLength(0)
    })

    test('reads a range, both ends included', async () => {
      const store = await open()
      const { id } = await store.put(Buffer.from('0123456789'))
      expect((await buffer(await store.get(id, { start: 2, end: 4 }))).toString()).toBe('234')
      expect((await buffer(await store.get(id, { start: 9, end: 9 }))).toString()).toBe('9')
    })

    test('joins blobs in the given order', async () => {
      const store = await open()
      const ids = await Promise.all(['a', 'b', 'c'].map(async text => (await store.put(Buffer.from(text))).id))
      const joined = await store.concat([ids[2]!, ids[0]!, ids[1]!, ids[0]!])
      expect(joined).toMatchObject({ size: 4, md5: md5(Buffer.from('caba')) })
      expect((await buffer(await store.get(joined.id))).toString()).toBe('caba')
    })

    test('forgets what was deleted, and deleting again is fine', async () => {
      const store = await open()
      const { id } = await store.put(Buffer.from('x'))
      await store.delete(id)
      await store.delete(id)
      await expect(store.get(id)).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('answers ENOENT for names it never gave out, whatever they look like', async () => {
      const store = await open()
      for (const id of ['../../etc/passwd', 'blob-00000000-0000-4000-8000-000000000000', '']) {
        await expect(store.get(id)).rejects.toMatchObject({ code: 'ENOENT' })
      }
    })

    test('keeps nothing of a stream that fails', async () => {
      const store = await open()
      const failing = Readable.from(
        (async function* () {
          yield randomBytes(9 * 1024 * 1024)
          throw new Error('the client went away')
        })(),
      )
      await expect(store.put(failing, 'failing')).rejects.toThrow('the client went away')
      expect(await ids(store, 'failing')).toEqual([])
    })

    test("lists an owner's blobs by age", async () => {
      const store = await open()
      const first = await store.put(Buffer.from('1'), 'lister')
      const second = await store.put(Buffer.from('2'), 'lister')
      await store.put(Buffer.from('3'), 'listed')
      expect(await ids(store, 'lister')).toEqual([first.id, second.id].sort())
      expect(await ids(store, 'lister', new Date('2020-01-01'))).toEqual([])
      expect(await ids(store, 'nobody')).toEqual([])
    })
  })
}

async function ids(store: BlobStore, owner: string, before = new Date('2100-01-01')): Promise<string[]> {
  return (await Array.fromAsync(store.list(owner, before))).sort()
}
