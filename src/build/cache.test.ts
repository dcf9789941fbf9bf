// The parts of a cache that need no build: its patterns, its file, the hash of its key.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transientPieces } from '../sandbox/rewriteArchive.ts'
import { tarOfTexts } from './archives.ts'
import { readCache, writeCache } from './cacheFile.ts'
import { cachePaths, locate } from './cachePaths.ts'
import { HASH_FILES } from './hashFiles.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codeyard-cache-'))
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

test('patterns are roots of the source, the home, or the file system; what another one covers is left out', () => {
  const places = cachePaths([
    'node_modules/**/*',
    './node_modules/.cache',
    '/root/.m2/**/*',
    '~/.npm',
    '/var/cache/x/*.deb',
    'node_modules/**/*',
  ])
  expect(places.map(({ base, path, matches }) => [base, path, matches?.('a.deb'), matches?.('b/a.deb')])).toEqual([
    ['source', 'node_modules', undefined, undefined],
    ['home', '.m2', undefined, undefined],
    ['home', '.npm', undefined, undefined],
    ['absolute', 'var/cache/x', true, false],
  ])
})

test.each(['../up', 'a/../../b', '/etc', 'a\0b'])('a cache that names %j as its place is refused', path => {
  expect(() => locate({ source: '/s', home: '/h', absolute: '/' }, { base: 'source', path })).toThrow(/leaves/)
})

describe('a cache file', () => {
  const roots = [
    { base: 'source', path: 'a' },
    { base: 'source', path: 'gone' },
    { base: 'home', path: 'b' },
  ] as const
  const bytesOf = async (stream: Readable) => Buffer.concat(await stream.toArray())
  /** Made once each: an archive bears the second of its making. */
  const tars = new Map<string, Promise<Buffer>>()
  const tarOf = async ({ path }: { path: string }) => {
    if (path === 'gone') return undefined
    if (!tars.has(path)) tars.set(path, bytesOf(tarOfTexts({ [path]: `text of ${path}` })))
    return Readable.from([await tars.get(path)!])
  }

  const read = async (_root: unknown, tar: Readable) => void (await bytesOf(tar))

  test('gives back each root, also when it comes byte by byte', async () => {
    const written = await writeCache(roots, tarOf)
    const body = await bytesOf(written!.body)
    expect(written!.size()).toBe(body.length)
    const seen: string[] = []
    await readCache(Readable.from([...body].map(byte => Buffer.from([byte]))), async (root, tar) => {
      expect(await bytesOf(tar)).toEqual(await bytesOf((await tarOf(root)) as Readable))
      seen.push(`${root.base} ${root.path}`)
    })
    expect(seen).toEqual(['source a', 'home b'])
  })

  test('is none when nothing is there', async () => {
    expect(await writeCache([{ base: 'source', path: 'gone' }], tarOf)).toBeUndefined()
  })

  test('larger than its frames is whole again, what compresses and what does not', async () => {
    const large = Buffer.concat([randomBytes(2_500_000), Buffer.alloc(1_700_000, 'text'), randomBytes(10)])
    const pieces = [large.subarray(0, 3), large.subarray(3, 3_000_000), large.subarray(3_000_000)]
    const written = await writeCache([roots[0]], async () => Readable.from(pieces))
    const body = await bytesOf(written!.body)
    expect(body.length).toBeLessThan(2_600_000)
    const chunks = Array.from({ length: Math.ceil(body.length / 300_000) }, (_, at) => {
      const chunk = Buffer.allocUnsafeSlow(Math.min(300_000, body.length - at * 300_000))
      body.copy(chunk, 0, at * 300_000)
      return chunk
    })
    const seen: Buffer[] = []
    await readCache(Readable.from(chunks), async (_, tar) => {
      for await (const piece of transientPieces(tar)) seen.push(Buffer.from(piece))
    })
    expect(Buffer.concat(seen).equals(large)).toBe(true)
  })

  test('is read on after a root of which not all was asked for', async () => {
    const body = await bytesOf((await writeCache(roots, tarOf))!.body)
    const seen: string[] = []
    await readCache(Readable.from([body]), async root => void seen.push(root.path))
    expect(seen).toEqual(['a', 'b'])
  })

  test('with a frame that is broken, or holds more than it may, is an error', async () => {
    const head = Buffer.from('codeyard-cache-3\n{"base":"source","path":"a"}\n')
    const lengthOf = (length: number) => Buffer.from([length >> 24, length >> 16, length >> 8, length])
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000))
    for (const [frame, message] of [
      [Buffer.concat([lengthOf(20), Buffer.alloc(20, 'x')]), /zstd|Unknown frame descriptor/i],
      [Buffer.concat([lengthOf(bomb.length), bomb]), /a frame is too large/],
      [Buffer.concat([lengthOf(2_000_000), Buffer.alloc(2_000_000)]), /a frame is too large/],
    ] as const)
      await expect(
        readCache(Readable.from([Buffer.concat([head, frame, lengthOf(0), Buffer.from('\n')])]), read),
      ).rejects.toThrow(message)
  })

  test('that is cut off is an error, and so is a place that can not be written or read', async () => {
    const body = await bytesOf((await writeCache(roots, tarOf))!.body)
    for (const length of [body.length - 1, body.length - 20, 30, 10])
      await expect(readCache(Readable.from([body.subarray(0, length)]), read)).rejects.toThrow()
    const refuse = () => Promise.reject(new Error('read-only'))
    await expect(readCache(Readable.from([body]), refuse)).rejects.toThrow('read-only')
    const broken = await writeCache(roots, async root => {
      if (root.path === 'a') return await tarOf(root)
      throw new Error('unreadable')
    })
    await expect(bytesOf(broken!.body)).rejects.toThrow('unreadable')
  })
})

test('codebuild-hash-files hashes what its patterns match, names and contents', async () => {
  const files = join(folder, 'files')
  await mkdir(join(files, 'sub/deep'), { recursive: true })
  for (const path of ['a.json', 'sub/b.json', 'sub/deep/c.json', 'x+y.txt']) await writeFile(join(files, path), path)
  const hash = (...patterns: string[]) =>
    execFileSync('/bin/sh', ['-c', HASH_FILES, 'codebuild-hash-files', ...patterns], {
      env: { PATH: process.env.PATH, CODEBUILD_SRC_DIR: files },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  expect(hash('**/*.json')).toMatch(/^[0-9a-f]{64}$/)
  expect(hash('**/*.json')).toBe(hash('a.json', 'sub/**/*.json'))
  expect(hash('*.json')).toBe(hash('a.json'))
  expect(hash('*/*.json')).toBe(hash('sub/b.json'))
  expect(hash('x+y.txt', '?.json')).toBe(hash('a.json', 'x+y.txt'))
  const before = hash('sub/**')
  await writeFile(join(files, 'sub/deep/c.json'), 'changed')
  expect(hash('sub/**')).not.toBe(before)
  expect(() => hash('nothing*')).toThrow()
})
