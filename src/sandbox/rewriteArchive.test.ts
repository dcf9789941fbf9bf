// The rewriter against tar-stream, which it is faster than, and against what may not be in an archive.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import tar, { type Header, type Pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { readArchive } from './archive.ts'
import { rewriteArchive } from './rewriteArchive.ts'

const bytesOf = async (stream: AsyncIterable<Uint8Array>) => {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}
const packed = async (fill: (pack: Pack) => void) => {
  const pack = tar.pack()
  fill(pack)
  pack.finalize()
  return await bytesOf(pack as unknown as AsyncIterable<Uint8Array>)
}
async function entriesOf(archive: Readable) {
  const entries: object[] = []
  for await (const { content, ...entry } of readArchive(archive)) {
    const text = (await bytesOf(content)).toString('latin1')
    entries.push({ ...entry, mtime: entry.mtime?.getTime(), text })
  }
  return entries
}
const inPieces = (bytes: Buffer, size: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    })(),
    { objectMode: false },
  )

const long = `${'deep/'.repeat(40)}${'n'.repeat(120)}.txt`
const mixed = (pack: Pack) => {
  const mtime = new Date('2026-03-04T05:06:07Z')
  pack.entry({ name: './', type: 'directory', mode: 0o755, mtime })
  pack.entry({ name: './a.txt', mode: 0o4644, uid: 1000, gid: 1000, mtime }, 'A')
  pack.entry({ name: 'empty', mtime }, '')
  pack.entry({ name: 'block', mtime }, 'x'.repeat(512))
  pack.entry({ name: 'large', mtime }, randomBytes(20_000).toString('latin1'))
  pack.entry({ name: 'sub/ü ✓.txt', mtime }, 'unicode')
  pack.entry({ name: long, mtime }, 'long')
  pack.entry({ name: `${'d'.repeat(99)}/longer`, mtime }, 'cut off, its name is a directory')
  pack.entry({ name: 'sub', type: 'directory', mtime })
  pack.entry({ name: 'link', type: 'symlink', linkname: '../elsewhere', mtime })
  pack.entry({ name: 'far', type: 'symlink', linkname: `/${long}`, mtime })
  pack.entry({ name: 'hard', type: 'link', linkname: './a.txt', mtime })
}

describe('an archive that is rewritten', () => {
  test.each([3, 511, 512, 513, 65_536])('has the same entries, also in pieces of %i bytes', async size => {
    const bytes = await packed(mixed)
    const rewritten = await bytesOf(rewriteArchive(inPieces(bytes, size), entry => entry))
    expect(await entriesOf(Readable.from([rewritten]))).toEqual(await entriesOf(Readable.from([bytes])))
    const again = await bytesOf(rewriteArchive(inPieces(rewritten, size), entry => entry))
    expect(again.equals(rewritten)).toBe(true)
  })

  test('has other names, lacks what is left out, and begins with what is put first', async () => {
    const first = { name: 'to', type: 'directory' as const, mode: 0o755, size: 0, mtime: undefined, linkname: '' }
    const change = (entry: { name: string; type: string }) =>
      entry.name === 'large' ? undefined : { ...entry, name: `to/${entry.name}` }
    const rewritten = rewriteArchive(Readable.from([await packed(mixed)]), change as never, { first })
    const names = (await entriesOf(rewritten)).map(entry => (entry as { name: string }).name)
    expect(names).toEqual([
      'to',
      'to',
      'to/a.txt',
      'to/empty',
      'to/block',
      'to/sub/ü ✓.txt',
      `to/${long}`,
      `to/${'d'.repeat(99)}/longer`,
      'to/sub',
      'to/link',
      'to/far',
      'to/hard',
    ])
  })

  test.each(['gnu', 'ustar', 'pax', 'oldgnu'])(
    "is the same for tar's own format %s, which unpacks it again",
    async format => {
      const folder = mkdtempSync(join(tmpdir(), 'codeyard-archive-'))
      try {
        const path = format === 'ustar' ? 'd'.repeat(90) : long.slice(0, -130)
        mkdirSync(join(folder, 'in', path), { recursive: true })
        mkdirSync(join(folder, 'out'))
        writeFileSync(
          join(folder, 'in', path, format === 'ustar' ? 'file' : `${'n'.repeat(120)}.txt`),
          randomBytes(70_000),
        )
        writeFileSync(join(folder, 'in', 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
        symlinkSync('run.sh', join(folder, 'in', 'link'))
        const bytes = execFileSync('tar', [`--format=${format}`, '-cf', '-', '.'], {
          cwd: join(folder, 'in'),
          maxBuffer: 1 << 22,
        })
        const rewritten = await bytesOf(
          rewriteArchive(inPieces(bytes, 4096), entry => (entry.name === '' ? undefined : entry)),
        )
        execFileSync('tar', ['-xf', '-'], { cwd: join(folder, 'out'), input: rewritten })
        expect(execFileSync('diff', ['-r', '--no-dereference', 'in', 'out'], { cwd: folder }).toString()).toBe('')
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )

  const evil: Record<string, Partial<Header>[]> = {
    'a name with ..': [{ name: 'a/../../evil' }],
    'an absolute name': [{ name: '/tmp/evil' }],
    'a way through its own link': [{ name: 'way', type: 'symlink', linkname: '/tmp' }, { name: 'way/evil' }],
    'a hard link to the outside': [{ name: 'evil', type: 'link', linkname: '../../etc/passwd' }],
    'a device': [{ name: 'evil', type: 'character-device', devmajor: 1, devminor: 3 }],
    'a pipe': [{ name: 'evil', type: 'fifo' }],
    'a long name with ..': [{ name: `${'x/'.repeat(100)}../../evil`, pax: { path: `${'x/'.repeat(100)}../../evil` } }],
  }
  test.each(Object.entries(evil))('may not have %s', async (_, headers) => {
    const bytes = await packed(pack => {
      for (const header of headers) pack.entry(header as Header, '')
    })
    await expect(bytesOf(rewriteArchive(Readable.from([bytes]), entry => entry))).rejects.toMatchObject({
      code: 'EUNSAFE',
    })
  })

  test('may not be broken or cut off', async () => {
    const bytes = await packed(mixed)
    const read = (part: Buffer) => bytesOf(rewriteArchive(Readable.from([part]), entry => entry))
    await expect(read(Buffer.alloc(700, 'x'))).rejects.toThrow('broken')
    await expect(read(bytes.subarray(0, 2000))).rejects.toThrow('cut off')
    const broken = Buffer.from(bytes)
    broken[512] = 65
    await expect(read(broken)).rejects.toThrow('broken')
  })
})
