// The host's key: made at the first start, kept, so that clients recognise the server.

import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'

/** An ed25519 key in OpenSSH's form, kept in `dataDir` (0600). Of processes that start together the first one's stays. */
export async function openHostKey(dataDir: string): Promise<string> {
  const file = join(dataDir, 'ssh_host_ed25519_key')
  const kept = await readFile(file, 'utf8').catch(unlessMissing)
  const key = kept ?? (await keepNew(file))
  const { message } = ssh2.utils.parseKey(key) as Partial<Error>
  if (message !== undefined)
    throw new Error(
      `${file} is no key that can be read (${message}): put the right one there, or remove it for a new one, which clients will ask about`,
    )
  return key
}

/** Under its name it is either whole or not there. */
async function keepNew(file: string): Promise<string> {
  const own = `${file}.${randomBytes(8).toString('hex')}`
  try {
    await writeFile(own, newKey(), { mode: 0o600, flag: 'wx' })
    await link(own, file).catch(error => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    })
  } finally {
    await rm(own, { force: true })
  }
  return readFile(file, 'utf8')
}

/** ssh2 leaves out a leading zero of the public half, so that one in 256 of its keys can not be read: another one is made then. */
export function newKey(): string {
  for (let attempt = 1; attempt <= 16; attempt++) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'codeyard' })
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key
  }
  throw new Error('no host key for SSH could be made')
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
