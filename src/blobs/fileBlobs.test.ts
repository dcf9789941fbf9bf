// Blobs in a directory: the contract, and what only files can do wrong.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readlink, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { retryFor } from '../core/bounded.ts'
import { blobStoreContract } from './blobStore.suite.ts'
import { fileBlobs } from './fileBlobs.ts'

const run = promisify(execFile)
const made: string[] = []
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'codeyard-blobs-'))
  made.push(path)
  return path
}
afterAll(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true })
})

blobStoreContract('fileBlobs', async () => fileBlobs(await directory()))

describe('fileBlobs', () => {
  test('removes what a crashed writer left an hour ago, and nothing newer', async () => {
    const path = await directory()
    await mkdir(join(path, 'tmp'))
    await writeFile(join(path, 'tmp', 'old'), 'half')
    await writeFile(join(path, 'tmp', 'new'), 'half')
    const twoHoursAgo = new Date(Date.now() - 2 * 3600 * 1000)
    await utimes(join(path, 'tmp', 'old'), twoHoursAgo, twoHoursAgo)
    await fileBlobs(path).put(Buffer.from('x'))
    expect(await readdir(join(path, 'tmp'))).toEqual(['new'])
  })

  test('what could not be taken in has no place on the disk any more when that is said', async () => {
    const path = await directory()
    const piece = Buffer.alloc(1024 * 1024, 1)
    const source = Readable.from(
      (function* () {
        for (let sent = 0; sent < 200; sent++) yield piece
        throw new Error('the line is cut')
      })(),
    )
    await expect(fileBlobs(path).put(source)).rejects.toThrow('the line is cut')
    const open = (await readdir('/proc/self/fd')).map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
    expect((await Promise.all(open)).filter(target => target.startsWith(path))).toEqual([])
  })

  test('holds a large stream in little memory', { timeout: 60_000 }, async () => {
    const store = fileBlobs(await directory())
    const piece = Buffer.alloc(64 * 1024, 1)
    const total = 512 * 1024 * 1024
    const before = process.memoryUsage().rss
    let peak = 0
    const source = Readable.from(
      (function* () {
        for (let sent = 0; sent < total; sent += piece.length) {
          if (sent % (64 * 1024 * 1024) === 0) peak = Math.max(peak, process.memoryUsage().rss)
          yield piece
        }
      })(),
    )
    const { id, size } = await store.put(source)
    expect(size).toBe(total)
    let read = 0
    for await (const chunk of await store.get(id)) {
      read += chunk.length
      if (read % (64 * 1024 * 1024) === 0) peak = Math.max(peak, process.memoryUsage().rss)
    }
    expect(read).toBe(total)
    expect(peak - before).toBeLessThan(64 * 1024 * 1024)
    await store.delete(id)
  })

  test('a full disk is a 503 that says so, and nothing remains', async ({ skip }) => {
    const path = await directory()
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).catch(() => undefined)
    if (!mounted) skip('needs the right to mount a small file system')
    try {
      const store = fileBlobs(path)
      const kept = await store.put(Buffer.from('kept'))
      await expect(store.put(Buffer.alloc(4 * 1024 * 1024))).rejects.toMatchObject({
        name: 'ServiceError',
        code: 'ServiceUnavailable',
        status: 503,
      })
      expect(await readdir(join(path, 'tmp'))).toEqual([])
      await store.put(Buffer.alloc(1024 * 1024))
      expect((await store.get(kept.id)).destroy()).toBeDefined()
    } finally {
      // The stream that was destroyed closes its file soon after.
      await retryFor(
        10_000,
        () => true,
        () => run('umount', [path]),
      )
    }
  })
})
