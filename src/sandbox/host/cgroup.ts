// A control group (v2) per sandbox where this process may make one: limits, and an end that no process escapes.

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { SandboxSpec } from '../sandbox.ts'
import { signalAll } from './processes.ts'

export interface Cgroup {
  /** Moves a process, and so all that it will start, into the group; a failure is not told: there are other ways to end it. */
  add(pid: number): Promise<void>
  /** Ends everything inside and removes the group. */
  remove(): Promise<void>
}

/** Makes (or finds again) the group of sandbox `name`; undefined where that is not allowed. Limits hold only where the kernel lets us set them. */
export async function openCgroup(name: string, limits: SandboxSpec['limits'] = {}): Promise<Cgroup | undefined> {
  const root = process.getuid?.() === 0 ? mountPoint() : undefined
  if (root === undefined) return undefined
  const all = `${root}/codeyard`
  const own = `${all}/${name}`
  try {
    await mkdir(own, { recursive: true })
  } catch {
    return undefined
  }
  const { cpus, memoryBytes, processes } = limits
  if (Object.keys(limits).length > 0) await enableControllers(root, all)
  if (cpus !== undefined) await attempt(`${own}/cpu.max`, `${Math.round(cpus * 100_000)} 100000`)
  if (memoryBytes !== undefined) await attempt(`${own}/memory.max`, String(memoryBytes))
  if (processes !== undefined) await attempt(`${own}/pids.max`, String(processes))
  return {
    async add(pid) {
      await attempt(`${own}/cgroup.procs`, String(pid))
    },
    async remove() {
      if (!existsSync(own)) return
      await attempt(`${own}/cgroup.kill`, '1')
      // The dead leave within a millisecond or two; an old kernel has no cgroup.kill.
      for (let pause = 1; pause < 2_000; pause *= 2) {
        const left = await readFile(`${own}/cgroup.procs`, 'utf8').catch(() => '')
        signalAll(left.split('\n').filter(Boolean).map(Number), 'SIGKILL')
        if (
          await rmdir(own).then(
            () => true,
            () => !existsSync(own),
          )
        )
          return
        await delay(pause)
      }
    },
  }
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

function mountPoint(): string | undefined {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
    return mounts.find(line => line.includes(' - cgroup2 ') && / rw[, ]/.test(line))?.split(' ')[4]
  } catch {
    return undefined
  }
}
