import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newKey, openHostKey } from './hostKey.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'codeyard-host-key-'))
})
afterEach(async () => await rm(dataDir, { recursive: true, force: true }))

test('every key can be read', () => {
  for (let count = 0; count < 2_000; count++) expect(ssh2.utils.parseKey(newKey())).not.toBeInstanceOf(Error)
})

test('of processes that start together one makes the key, and it stays', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => openHostKey(dataDir)))
  expect(new Set(keys).size).toBe(1)
  expect(await openHostKey(dataDir)).toBe(keys[0])
  expect(await readdir(dataDir)).toEqual(['ssh_host_ed25519_key'])
  expect((await stat(join(dataDir, 'ssh_host_ed25519_key'))).mode & 0o777).toBe(0o600)
})

test('a file that is no key is named and left alone', async () => {
  const file = join(dataDir, 'ssh_host_ed25519_key')
  await writeFile(file, 'half a key')
  await expect(openHostKey(dataDir)).rejects.toThrow(`${file} is no key that can be read`)
  expect(await readFile(file, 'utf8')).toBe('half a key')
})
