// The thread's side of a digest; blobStore.suite.ts has what a store makes of it.

import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../testing/until.ts'
import { fileDigest } from './fileDigest.ts'

const MB = 1024 * 1024
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

async function emptyFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'codeyard-digest-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'file')
  await writeFile(path, '')
  return path
}

/** Writes `bytes` a piece at a time, as a store does. */
async function digestOf(bytes: Buffer, piece: number): Promise<string> {
  const path = await emptyFile()
  const digest = fileDigest(path)
  for (let at = 0; at < bytes.length; at += piece) {
    digest.add(bytes.subarray(at, at + piece))
    await appendFile(path, bytes.subarray(at, at + piece))
    digest.written(Math.min(at + piece, bytes.length))
  }
  try {
    return await digest.end(bytes.length)
  } finally {
    await digest.close()
  }
}

const isOpenHere = (path: string) =>
  readdirSync('/proc/self/fd').some(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  })

test.for([0, 1, 8 * MB, 8 * MB + 1, 20 * MB + 7])('of %i bytes', async size => {
  const bytes = randomBytes(size)
  expect(await digestOf(bytes, MB)).toBe(md5(bytes))
})

test('of several files at once, in pieces of any size', async () => {
  const files = [3, 9, 17, 30].map(size => randomBytes(size * MB))
  const digests = await Promise.all(files.map((bytes, index) => digestOf(bytes, 333_333 * (index + 1))))
  expect(digests).toEqual(files.map(md5))
})

test('a file that is shorter than what was written is an error, and the next one is not', async () => {
  const path = await emptyFile()
  const digest = fileDigest(path)
  digest.add(Buffer.alloc(9 * MB))
  await writeFile(path, Buffer.alloc(MB))
  digest.written(9 * MB)
  await expect(digest.end(9 * MB)).rejects.toThrow('a file is shorter than what was written into it')
  await digest.close()
  const bytes = randomBytes(9 * MB)
  expect(await digestOf(bytes, MB)).toBe(md5(bytes))
})

test('one that nobody asks any more is closed, however much waits to be read', async () => {
  const path = await emptyFile()
  const bytes = Buffer.alloc(200 * MB)
  await writeFile(path, bytes)
  const begun = () => {
    const digest = fileDigest(path)
    digest.add(bytes)
    for (let size = MB; size <= bytes.length; size += MB) digest.written(size)
    return digest
  }
  const timed = async (work: Promise<unknown>) => {
    const start = performance.now()
    await work
    return performance.now() - start
  }
  const wanted = begun()
  const whole = await timed(wanted.end(bytes.length))
  await wanted.close()
  const digest = begun()
  await until(() => isOpenHere(path))
  expect(await timed(digest.close())).toBeLessThan(whole / 2)
  expect(isOpenHere(path)).toBe(false)
  await digest.close()
})

test('a process with nothing else to do ends', async () => {
  const path = await emptyFile()
  const program = `
    import { writeFileSync } from 'node:fs'
    import { fileDigest } from ${JSON.stringify(new URL('fileDigest.ts', import.meta.url).href)}
    const digest = fileDigest(${JSON.stringify(path)})
    const bytes = Buffer.alloc(${9 * MB}, 1)
    digest.add(bytes)
    writeFileSync(${JSON.stringify(path)}, bytes)
    console.log(await digest.end(bytes.length))
    await digest.close()`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 10_000 })
  expect((await run).stdout.trim()).toBe(md5(Buffer.alloc(9 * MB, 1)))
})
