// Users of this machine, for commands that run as somebody else.

import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SandboxError } from '../sandboxError.ts'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The account `user` (a name or a number) names; undefined when that is who we are anyway. Rejects with UNKNOWN_USER. */
export async function findAccount(user: string): Promise<Account | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map(line => line.split(':'))
  const row = lines.find(([name]) => name === user) ?? lines.find(([, , uid]) => uid === user)
  const [name, , uid, gid] = row ?? []
  if (!name || !uid || !gid) throw new SandboxError('UNKNOWN_USER', `this host has no user ${user}`)
  if (Number(uid) === process.getuid!()) return undefined
  if (process.getuid!() !== 0) {
    throw new SandboxError('UNKNOWN_USER', `commands can run as ${user} only when Codeyard itself runs as root`)
  }
  return { name, uid: Number(uid), gid: Number(gid) }
}

/** Rejects with UNKNOWN_USER, naming the directory, when `account` may not pass through to `path`. */
export async function checkPassable(path: string, account: Account): Promise<void> {
  const { mode, uid, gid } = await stat(path)
  const bits = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode
  if ((bits & 1) === 0) {
    throw new SandboxError(
      'UNKNOWN_USER',
      `the user ${account.name} may not pass through ${path} (allow it with chmod o+x)`,
    )
  }
  if (path !== '/') await checkPassable(dirname(path), account)
}
