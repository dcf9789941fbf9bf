// A box of bubblewrap around a host sandbox: the host's files read-only, /tmp private, a pid namespace that takes daemons with it when it ends.
// One box a sandbox, not one a command, so that a service started in one phase is there in the next. Commands enter it with nsenter.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { within } from '../../core/bounded.ts'
import { signalAll } from '../../core/processes.ts'
import { inTemporary } from '../../core/temporary.ts'
import type { Account } from './accounts.ts'
import { type Layout, layoutOf, makeDirectories, readRecord, writeRecord } from './layout.ts'
import { isAlive, type ProcessId, statOf } from './processes.ts'

/** Recorded in the control directory: bubblewrap itself, and the first process of the namespace, whose end is everyone's. */
export interface Box {
  readonly outer: ProcessId
  readonly init: ProcessId
}

export interface Boxes {
  /** The living box of a sandbox, or a new one. */
  open(layout: Layout, env: Readonly<Record<string, string>>): Promise<Box>
}

const BWRAP = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap'].find(path => existsSync(path))
const NSENTER = ['/usr/bin/nsenter', '/bin/nsenter'].find(path => existsSync(path))
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find(path => existsSync(path))
const START_MS = 5_000
/** What Docker leaves to root in a container, so that the read-only root stays so. */
const CAPABILITIES =
  'chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,sys_chroot,net_raw,setfcap'

/** Boxes when bubblewrap is there and a trial of all that we need works (containers often forbid it), else undefined. */
export async function probeBoxes(root: string, hide: readonly string[]): Promise<Boxes | undefined> {
  if (!BWRAP || !NSENTER || (process.getuid?.() === 0 && !SETPRIV)) return undefined
  const works = await inTemporary(trial => tryBox(trial, hide)).catch(() => false)
  if (!works) return undefined
  return {
    async open(layout, env) {
      const record = join(layout.control, 'box.json')
      const known = await readRecord<Box>(record)
      if (known && isAlive(known.init)) return known
      const box = await startBox(root, hide, layout, env)
      await writeRecord(record, box)
      return box
    },
  }
}

async function tryBox(trial: string, hide: readonly string[]): Promise<boolean> {
  const layout = layoutOf(trial, 'trial')
  await makeDirectories(trial, layout)
  const box = await startBox(trial, hide, layout, {})
  try {
    const [program, ...args] = entering(box, undefined)
    const child = spawn(program!, [...args, '/bin/sh', '-c', 'echo x >"$1/x"', 'codeyard', layout.workspace], {
      stdio: 'ignore',
      env: {},
    })
    return (await within(START_MS, 'no end', once(child))) === 0
  } finally {
    closeBox(box)
  }
}

/** The words before a command that make it run inside of `box`, as `account`. */
export function entering(box: Box, account: Account | undefined): string[] {
  if (process.getuid!() !== 0)
    return [NSENTER!, '-t', String(box.init.pid), '-U', '--preserve-credentials', '-m', '-p', '--']
  const kept = `-all,${CAPABILITIES.split(',')
    .map(name => `+${name}`)
    .join(',')}`
  const user = account ? ['--reuid', String(account.uid), '--regid', String(account.gid), '--init-groups'] : []
  return [
    NSENTER!,
    '-t',
    String(box.init.pid),
    '-m',
    '-p',
    '-i',
    '--',
    SETPRIV!,
    '--bounding-set',
    kept,
    '--inh-caps',
    '-all',
    ...user,
    '--',
  ]
}

export function closeBox(box: Box) {
  signalAll(
    [box.init, box.outer].filter(isAlive).map(({ pid }) => pid),
    'SIGKILL',
  )
}

async function startBox(
  root: string,
  hide: readonly string[],
  layout: Layout,
  env: Readonly<Record<string, string>>,
): Promise<Box> {
  // Without root a private /dev would need a second user namespace, which nsenter could not pass.
  const devices = process.getuid!() === 0 ? ['--dev', '/dev'] : ['--dev-bind', '/dev', '/dev']
  const args = [
    ...['--ro-bind', '/', '/', ...devices, '--proc', '/proc', '--bind', layout.tmp, '/tmp'],
    ...[...hide, root].flatMap(path => ['--perms', '0711', '--tmpfs', path]),
    ...['--perms', '0711', '--dir', layout.directory],
    ...['--bind', layout.workspace, layout.workspace, '--bind', layout.homes, layout.homes],
    ...['--unshare-pid', '--unshare-ipc', '--info-fd', '3'],
    // Ready is said by a process inside: only then all mounts are made.
    ...['--', '/bin/sh', '-c', 'echo ready; exec sleep 2147483647 >/dev/null'],
  ]
  const child = spawn(BWRAP!, args, {
    cwd: '/',
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  child.on('error', () => {})
  const info = child.stdio[3] as Readable
  try {
    const [text] = await within(
      START_MS,
      'bubblewrap did not start',
      Promise.all([firstUntil(info, '}'), firstUntil(child.stdout!, 'ready')]),
    )
    const init = statOf((JSON.parse(text) as { 'child-pid': number })['child-pid'])
    const outer = statOf(child.pid!)
    if (!init || !outer) throw new Error('bubblewrap ended at once')
    const only = ({ pid, startTime }: ProcessId) => ({ pid, startTime })
    return { outer: only(outer), init: only(init) }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    info.destroy()
    child.stdout?.destroy()
    child.unref()
  }
}

async function firstUntil(stream: Readable, mark: string): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (text.includes(mark)) return text
  }
  throw new Error('bubblewrap ended at once')
}

function once(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject))
}
