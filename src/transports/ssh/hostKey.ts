// The host's key: made at the first start, kept, so that clients recognise the server.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'

/** An ed25519 key in OpenSSH's form, kept in `dataDir` (0600). Of processes that start together the first one's stays. */
export async function openHostKey(dataDir: string): Promise<string> {
  const file = join(dataDir, 'ssh_host_ed25519_key')
  const { private: key } = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'codeyard' })
  try {
    await writeFile(file, key, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFile(file, 'utf8')
}
