import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadMasterKey, masterKeyOf } from './masterKey.ts'

describe('the master key', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'codeyard-key-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  test('is made once, for its owner only', () => {
    expect(loadMasterKey(join(dir, 'a')).fingerprint).toBe(loadMasterKey(join(dir, 'a')).fingerprint)
    expect(statSync(join(dir, 'a', 'master.key')).mode & 0o777).toBe(0o600)
    expect(loadMasterKey(join(dir, 'b')).fingerprint).not.toBe(loadMasterKey(join(dir, 'a')).fingerprint)
  })
  test('a file that is none is said, not replaced', () => {
    writeFileSync(join(dir, 'master.key'), 'oops')
    expect(() => loadMasterKey(dir)).toThrow('is no master key')
  })
  test('opens what it sealed, for the same purpose only, and nothing that was changed', () => {
    const key = masterKeyOf(Buffer.alloc(32, 1))
    const sealed = key.seal('access-key/A', 'secret')
    expect(key.open('access-key/A', sealed)?.toString()).toBe('secret')
    expect(key.open('access-key/B', sealed)).toBeUndefined()
    expect(masterKeyOf(Buffer.alloc(32, 2)).open('access-key/A', sealed)).toBeUndefined()
    expect(
      key.open('access-key/A', `${sealed.slice(0, 20)}${sealed[20] === 'x' ? 'y' : 'x'}${sealed.slice(21)}`),
    ).toBeUndefined()
    expect(key.open('access-key/A', '')).toBeUndefined()
  })
})
