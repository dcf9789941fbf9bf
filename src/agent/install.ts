// Carries out an Install: removes what the group's last one left, then the plan, each created path noted for the next time.

import { execFile } from 'node:child_process'
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {
  chmod,
  chown,
  copyFile,
  lchown,
  lstat,
  mkdir,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { promisify } from 'node:util'
import type { AccessControlEntry, ServerAppspec } from '../specs/appspec/appspec.ts'
import { formatAce } from '../specs/appspec/appspec.ts'
import { parseAce } from '../specs/appspec/permissionParts.ts'
import { type Instruction, instructionsJson, planInstall } from './installPlan.ts'
import type { GroupLayout } from './layout.ts'

const execute = promisify(execFile)
const SEMANAGE = 'semanage\0'

export async function install(
  group: GroupLayout,
  archive: string,
  appspec: ServerAppspec,
  fileExistsBehavior: string,
): Promise<void> {
  await removePreviousInstall(group.cleanup)
  const plan = planInstall(archive, appspec, fileExistsBehavior)
  await writeFile(group.install, instructionsJson(plan))
  const cleanup = openSync(group.cleanup, 'w')
  try {
    const note = (line: string) => writeSync(cleanup, `${line}\n`)
    for (const instruction of plan) await carryOut(instruction, note)
  } finally {
    closeSync(cleanup)
  }
}

/** Backwards, so that directories are empty by then; a last line without its newline was never finished. */
async function removePreviousInstall(cleanup: string): Promise<void> {
  if (!existsSync(cleanup)) return
  const lines = readFileSync(cleanup, 'utf8').split('\n').slice(0, -1).reverse()
  for (const line of lines) {
    if (line.startsWith(SEMANAGE)) {
      await execute('semanage', ['fcontext', '-d', line.slice(SEMANAGE.length)]).catch(() => {})
      continue
    }
    const stat = await lstat(line).catch(() => undefined)
    if (!stat) continue
    if (!stat.isDirectory()) {
      await rm(line)
      continue
    }
    try {
      rmdirSync(line)
    } catch (error) {
      // Somebody else's files are in it: it stays.
      if (!['ENOTEMPTY', 'EEXIST', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  rmSync(cleanup)
}

async function carryOut(instruction: Instruction, note: (line: string) => void): Promise<void> {
  switch (instruction.type) {
    case 'copy':
      note(instruction.destination)
      return copy(instruction.source, instruction.destination)
    case 'mkdir':
      await mkdir(instruction.directory)
      note(instruction.directory)
      return
    case 'chmod':
      return chmod(instruction.file, Number.parseInt(instruction.mode, 8))
    case 'chown':
      return chown(
        instruction.file,
        instruction.owner === undefined ? -1 : await idOf('passwd', instruction.owner),
        instruction.group === undefined ? -1 : await idOf('group', instruction.group),
      )
    case 'setfacl': {
      const acl = [...instruction.acl, ...baseEntries(instruction.acl, statSync(instruction.file).mode)]
        .map(formatAce)
        .join(',')
      return run(
        ['setfacl', '--set', acl, instruction.file],
        command =>
          `The deployment failed because of a problem with the acls permission settings in the application specification file for this object: ${instruction.file}. Failed command: ${command}`,
      )
    }
    case 'semanage': {
      const { user, type, range } = instruction.context
      const file = realpathSync(instruction.file)
      const args = [
        ...(user === undefined ? [] : ['-s', user]),
        '-t',
        type,
        ...(range === undefined ? [] : ['-r', range]),
      ]
      const failed = (command: string) =>
        `The deployment failed because the application specification file contains an error in the settings for the context parameter. Update the permissions section of the AppSpec file, and then try again. Failed command: ${command}`
      await run(['semanage', 'fcontext', '-a', ...args, file], failed)
      await run(['restorecon', '-v', file], failed)
      note(`${SEMANAGE}${file}`)
      return
    }
  }
}

async function run(command: readonly string[], failed: (command: string) => string): Promise<void> {
  try {
    await execute(command[0]!, command.slice(1), { timeout: 60_000 })
  } catch (error) {
    throw new Error(`${failed(command.join(' '))}. Exit code: ${(error as { code?: unknown }).code}`, { cause: error })
  }
}

/** A link stays a link; a file keeps mode, times and, for root, its owner. */
async function copy(source: string, destination: string): Promise<void> {
  const stat = await lstat(source)
  if (stat.isSymbolicLink()) {
    await rm(destination, { force: true })
    await symlink(await readlink(source), destination)
    return
  }
  await copyFile(source, destination)
  if (process.getuid?.() === 0) await lchown(destination, stat.uid, stat.gid)
  await chmod(destination, stat.mode & 0o7777)
  await utimes(destination, stat.atime, stat.mtime)
}

/** The entries that setfacl --set needs besides the named ones: from the mode that the object has by now. */
export function baseEntries(given: readonly AccessControlEntry[], mode: number): readonly AccessControlEntry[] {
  const [user, group, other] = (mode & 0o777).toString(8).padStart(3, '0')
  const added = [`u::${user}`, `g::${group}`, `o::${other}`]
  const named = (isDefault: boolean) => given.some(ace => ace.isDefault === isDefault && ace.name !== '')
  const has = (isDefault: boolean, type: AccessControlEntry['type']) =>
    given.some(ace => ace.isDefault === isDefault && ace.type === type && ace.name === '')
  if (named(false) && !has(false, 'mask')) added.push(`m::${group}`)
  if (given.some(ace => ace.isDefault)) {
    if (!has(true, 'user')) added.push(`d:u::${user}`)
    if (!has(true, 'group')) added.push(`d:g::${group}`)
    if (!has(true, 'other')) added.push(`d:o:${other}`)
    if (named(true) && !has(true, 'mask')) {
      const ofGroup = given.find(ace => ace.isDefault && ace.type === 'group' && ace.name === '')
      added.push(`d:m:${ofGroup?.rights ?? group}`)
    }
  }
  return added.map(entry => parseAce(entry, true))
}

/** Numeric id of a user or group by the host's own directory (files, LDAP ...). */
async function idOf(database: 'passwd' | 'group', name: string): Promise<number> {
  try {
    const { stdout } = await execute('getent', [database, '--', name], { timeout: 30_000 })
    return Number(stdout.split(':')[2])
  } catch {
    throw new Error(`can't find ${database === 'passwd' ? 'user' : 'group'} for ${name}`)
  }
}
