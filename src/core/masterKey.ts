// The one key that encrypts secrets at rest: 32 random bytes in the data directory, readable by its owner only, never logged.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface MasterKey {
  /** Encrypts and authenticates. `purpose` (for example `access-key/AKIA...`) is bound to it: opened only with the same one. */
  seal(purpose: string, plain: Uint8Array | string): string
  /** Undefined when it was sealed by another key, for another purpose, or was changed. */
  open(purpose: string, sealed: string): Buffer | undefined
  /** Tells keys apart without revealing them: processes that share a database must have the same. */
  readonly fingerprint: string
}

const FILE = 'master.key'
const NONCE = 12
const TAG = 16
const loaded = new Map<string, MasterKey>()

/** The key of a data directory, made on first use; several processes may start at once. Kept in memory afterwards. */
export function loadMasterKey(dataDir: string): MasterKey {
  const known = loaded.get(dataDir)
  if (known) return known
  const key = masterKeyOf(readOrCreate(dataDir))
  loaded.set(dataDir, key)
  return key
}

/** Whether a data directory has a key of its own already. */
export const hasMasterKey = (dataDir: string): boolean => existsSync(join(dataDir, FILE))

/** The bytes of the key, for handing it to another process of the house. */
export const masterSecret = (dataDir: string): Buffer => read(join(dataDir, FILE))

/** From now on `secret` is this process's key for the data directory, in memory only. */
export function adoptMasterKey(dataDir: string, secret: Uint8Array): void {
  loaded.set(dataDir, masterKeyOf(secret))
}

export function masterKeyOf(secret: Uint8Array): MasterKey {
  const derive = (info: string, length: number) => Buffer.from(hkdfSync('sha256', secret, 'codeyard', info, length))
  const key = derive('seal', 32)
  return {
    fingerprint: derive('fingerprint', 16).toString('hex'),
    seal(purpose, plain) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose, 'utf8'))
      const body = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64')
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      if (bytes.length < NONCE + TAG) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
        .setAAD(Buffer.from(purpose, 'utf8'))
        .setAuthTag(bytes.subarray(-TAG))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

function readOrCreate(dataDir: string): Buffer {
  const path = join(dataDir, FILE)
  try {
    return read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  mkdirSync(dataDir, { recursive: true })
  const fresh = join(dataDir, `.${FILE}.${randomBytes(6).toString('hex')}`)
  writeFileSync(fresh, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(fresh, path) // whole or not at all, and only one process wins
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(fresh)
  }
  return read(path)
}

function read(path: string): Buffer {
  const secret = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (secret.length !== 32)
    throw new Error(`${path} is no master key: restore it from a backup, secrets cannot be read without it`)
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  return secret
}
