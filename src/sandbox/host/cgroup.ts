// Control groups of a sandbox where this process may make them: limits, and an end that no process escapes. Version 2 has one group; where
// its controllers are version 1's, each of those has one more.

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { signalAll } from '../../core/processes.ts'
import type { SandboxLimits, SandboxUsage } from '../sandbox.ts'

export interface Cgroup {
  /** Moves a process, and so all that it will start, into the group; a failure is not told: there are other ways to end it. */
  add(pid: number): Promise<void>
  /** How often the kernel ended a process of the group for want of memory. */
  outOfMemory(): Promise<number>
  processes(): Promise<SandboxUsage['processes']>
  /** Ends everything inside and removes the group. */
  remove(): Promise<void>
}

const REMOVAL_MS = 15_000

type Files = readonly (readonly [file: string, text: string])[]

/** Makes (or finds again) the groups of sandbox `name`; undefined where that is not allowed. Limits hold only where the kernel lets us set them. */
export async function openCgroup(name: string, limits: SandboxLimits = {}): Promise<Cgroup | undefined> {
  const found = process.getuid?.() === 0 ? hierarchies() : undefined
  if (found === undefined) return undefined
  const wanted = Object.keys(limits).length > 0
  const groups: string[] = []
  for (const { root, unified, controllers } of found) {
    const all = `${root}/codeyard`
    const own = `${all}/${name}`
    // The first can end processes; the others are there for limits only.
    if (!unified && !wanted) continue
    try {
      await mkdir(own, { recursive: true })
    } catch {
      continue
    }
    if (unified && wanted) await enableControllers(root, all)
    for (const [file, text] of unified ? filesOf(limits) : oldFilesOf(limits, controllers))
      await attempt(`${own}/${file}`, text)
    groups.push(own)
  }
  if (groups.length === 0) return undefined
  /** Of the group that has such a file. */
  const read = async (file: string) => {
    for (const group of groups) {
      const text = await readFile(`${group}/${file}`, 'utf8').catch(() => undefined)
      if (text !== undefined) return text
    }
    return ''
  }
  return {
    async add(pid) {
      await Promise.all(groups.map(group => attempt(`${group}/cgroup.procs`, String(pid))))
    },
    async outOfMemory() {
      const events = `${await read('memory.events')}\n${await read('memory.oom_control')}`
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0)
    },
    async processes() {
      const [count, limit] = [Number(await read('pids.current')), Number(await read('pids.max'))]
      return limit > 0 ? { count, limit } : undefined
    },
    async remove() {
      for (const group of groups) await removeGroup(group)
    },
  }
}

async function removeGroup(own: string) {
  if (!existsSync(own)) return
  await attempt(`${own}/cgroup.kill`, '1')
  // The dead leave within a millisecond or two, thousands of them in seconds; an old kernel has no cgroup.kill.
  const end = performance.now() + REMOVAL_MS
  for (let pause = 1; ; pause = Math.min(2 * pause, 250)) {
    const left = await readFile(`${own}/cgroup.procs`, 'utf8').catch(() => '')
    signalAll(left.split('\n').filter(Boolean).map(Number), 'SIGKILL')
    const gone = await rmdir(own).then(
      () => true,
      () => !existsSync(own),
    )
    if (gone || performance.now() > end) return
    await delay(pause)
  }
}

const filesOf = ({ cpus, memoryBytes, processes }: SandboxLimits): Files => [
  ...(cpus === undefined ? [] : [['cpu.max', `${Math.round(cpus * 100_000)} 100000`] as const]),
  ...(memoryBytes === undefined ? [] : [['memory.max', String(memoryBytes)] as const]),
  ...(processes === undefined ? [] : [['pids.max', String(processes)] as const]),
]

function oldFilesOf({ cpus, memoryBytes, processes }: SandboxLimits, controllers: readonly string[]): Files {
  const files: [string, string][] = []
  if (controllers.includes('cpu') && cpus !== undefined)
    files.push(['cpu.cfs_period_us', '100000'], ['cpu.cfs_quota_us', String(Math.round(cpus * 100_000))])
  // The second is memory and swap together, where swap is counted at all.
  if (controllers.includes('memory') && memoryBytes !== undefined)
    files.push(['memory.limit_in_bytes', String(memoryBytes)], ['memory.memsw.limit_in_bytes', String(memoryBytes)])
  if (controllers.includes('pids') && processes !== undefined) files.push(['pids.max', String(processes)])
  return files
}

async function attempt(file: string, text: string) {
  await writeFile(file, text).catch(() => {})
}

async function enableControllers(root: string, all: string) {
  for (const controller of ['cpu', 'memory', 'pids']) {
    await attempt(`${root}/cgroup.subtree_control`, `+${controller}`)
    await attempt(`${all}/cgroup.subtree_control`, `+${controller}`)
  }
}

interface Hierarchy {
  readonly root: string
  readonly unified: boolean
  readonly controllers: readonly string[]
}

/** The writable ones: version 2's first, then version 1's of the controllers that limits need. */
function hierarchies(): Hierarchy[] {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
    return mounts
      .flatMap(line => {
        const [own = '', mount = ''] = line.split(' - ')
        const [type, , options = ''] = mount.split(' ')
        const [root, access = ''] = own.split(' ').slice(4)
        if (!root || !/^rw(,|$)/.test(access)) return []
        if (type === 'cgroup2') return [{ root, unified: true, controllers: [] }]
        const controllers = options.split(',').filter(option => ['cpu', 'memory', 'pids'].includes(option))
        return type === 'cgroup' && controllers.length > 0 ? [{ root, unified: false, controllers }] : []
      })
      .sort((a, b) => Number(b.unified) - Number(a.unified))
  } catch {
    return []
  }
}
