// One directory of the host as a sandbox. Its files are the only state: a later process finds runs, processes and output there.

import { existsSync, statfsSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command, Sandbox } from '../sandbox.ts'
import { checkCommand, checkName, checkPath, SandboxError } from '../sandboxError.ts'
import { enterAndExec } from '../supervisor.ts'
import { type Account, checkPassable, findAccount } from './accounts.ts'
import { type Box, type Boxes, closeBox, entering } from './bubblewrap.ts'
import type { Cgroup } from './cgroup.ts'
import { packPath, unpackInto } from './files.ts'
import { findRun, followRun, type HostCommand, startRun } from './hostRun.ts'
import { openHostTerminal } from './hostTerminal.ts'
import { bytesBelow, freeBytes, usageOfProcesses } from './hostUsage.ts'
import { asideOf, type Layout, type Recorded, readRecord } from './layout.ts'
import { killUntilGone, markedProcesses, processesInside } from './processes.ts'
import { removeTree } from './removeTree.ts'

/** How the provider contains what runs: each as far as this machine has it. */
export interface Containment {
  readonly boxes: Boxes | undefined
  cgroup(): Promise<Cgroup | undefined>
}

const MARKER = 'CODEYARD_SANDBOX'

export function createHostSandbox(recorded: Recorded, layout: Layout, containment: Containment): Sandbox {
  const { name, env = {} } = recorded
  const seenTmp = containment.boxes ? '/tmp' : layout.tmp
  let destroyed = false
  let opening: Promise<Box> | undefined
  const gone = () => new SandboxError('DESTROYED', `the sandbox ${name} was destroyed`)
  function lost() {
    if (destroyed || !existsSync(layout.control)) return gone()
    const { bavail, bsize } = statfsSync(layout.runs)
    if (bavail * bsize < 65_536)
      return new SandboxError('LOST', `no space is left on the disk of ${layout.runs}, where output is kept`)
    return new SandboxError('LOST', "the command's supervisor was killed; how the command ended is unknown")
  }

  function checkAlive() {
    if (destroyed || !existsSync(layout.control)) throw gone()
  }

  /** One after the other, so that two runs at once do not make two boxes. */
  function openBox(boxes: Boxes): Promise<Box> {
    const open = () => boxes.open(layout, { PATH: process.env.PATH ?? '', [MARKER]: name })
    opening = opening ? opening.then(open, open) : open()
    opening.catch(() => {})
    return opening
  }

  async function prepareCommand(command: Command): Promise<HostCommand> {
    const account = command.user === undefined ? undefined : await findAccount(command.user)
    const home = join(layout.homes, account?.name ?? userInfo().username)
    await makeHome(home, account)
    const complete = {
      ...minimalEnvironment(home, layout, containment.boxes !== undefined),
      ...env,
      ...command.env,
      [MARKER]: name,
    }
    const argv = enterAndExec(command.cwd ?? layout.workspace, command.argv)
    // Inside of a box the way to the workspace is made anew.
    if (account && !containment.boxes) await checkPassable(layout.workspace, account)
    if (!containment.boxes) return { argv, env: complete, account, pipeOwner: '', boxed: false }
    const box = await openBox(containment.boxes)
    const pipeOwner = account ? `${account.uid}:${account.gid}` : ''
    return { argv: [...entering(box, account), ...argv], env: complete, account: undefined, pipeOwner, boxed: true }
  }

  async function prepareTerminal(command: Command) {
    const prepared = await prepareCommand(command)
    const argv = enterAndExec(command.cwd ?? layout.workspace, command.argv)
    // What brings a command in is what `prepareCommand` put before it.
    return { ...prepared, argv, entering: prepared.argv.slice(0, prepared.argv.length - argv.length) }
  }

  async function killEverything() {
    await opening?.catch(() => {})
    const box = await readRecord<Box>(join(layout.control, 'box.json'))
    if (box) closeBox(box)
    await (await containment.cgroup())?.remove()
    const left = await killUntilGone(() => markedProcesses(`${MARKER}=${name}`, layout.directory))
    if (left.length > 0) throw new SandboxError('UNAVAILABLE', `processes of ${name} do not end: ${left.join(', ')}`)
  }

  // The first command will most likely come soon: its box is made meanwhile.
  if (containment.boxes) void openBox(containment.boxes)
  return {
    kind: 'host',
    name,
    workspace: layout.workspace,
    async run(id, command, from = 0) {
      checkName('the run', id)
      checkCommand(command)
      checkAlive()
      const directory = join(layout.runs, id)
      let record = existsSync(directory) ? await findRun(directory) : undefined
      if (!record) {
        const prepared = await prepareCommand(command)
        const cgroup = await containment.cgroup()
        record = await startRun(directory, prepared, async pid => await cgroup?.add(pid))
      }
      return followRun(directory, record, from, containment.boxes !== undefined, lost)
    },
    async put(path, tar) {
      checkPath(path)
      checkAlive()
      await unpackInto(layout, path, tar, seenTmp)
    },
    async get(path) {
      checkPath(path)
      checkAlive()
      return await packPath(layout, path, seenTmp)
    },
    async terminal(command, size) {
      checkCommand(command)
      checkAlive()
      return await openHostTerminal(await prepareTerminal(command), size)
    },
    async usage() {
      checkAlive()
      const box = await readRecord<Box>(join(layout.control, 'box.json'))
      const pids = box ? processesInside(box.init.pid) : markedProcesses(`${MARKER}=${name}`, layout.directory)
      const processes = await (await containment.cgroup())?.processes()
      return { ...(await usageOfProcesses(pids)), ...(processes && { processes }) }
    },
    outOfMemory: async () => (await (await containment.cgroup())?.outOfMemory()) ?? 0,
    freeDisk: () => freeBytes(layout.directory),
    usedDisk: () => bytesBelow(layout.directory),
    async destroy() {
      destroyed = true
      await killEverything()
      await removeTree(layout.directory, {
        last: join(layout.control, 'sandbox.json'),
        aside: asideOf(dirname(layout.directory), name).directory,
      })
    },
  }
}

/** Nothing of the server's own environment but where programs are: it has secrets. */
function minimalEnvironment(home: string, layout: Layout, boxed: boolean): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    // In a box /tmp itself is private.
    ...(!boxed && { TMPDIR: layout.tmp }),
  }
}

async function makeHome(home: string, account: Account | undefined) {
  if (existsSync(home)) return
  await mkdir(home, { recursive: true, mode: 0o700 })
  if (account) await chown(home, account.uid, account.gid)
}
