// What the processes of a host sandbox use, added up from /proc, and what its files take. What children have used is their parent's when they
// are over, so that nothing of a build is missing but what a killed supervisor knew.

import { lstat, opendir, readFile, statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import type { SandboxUsage } from '../sandbox.ts'

/** Linux has had this value everywhere for twenty years (USER_HZ). */
const TICKS = 100
const PAGE = 4096

export async function usageOfProcesses(pids: readonly number[]): Promise<SandboxUsage> {
  const total = { cpuSeconds: 0, memoryBytes: 0, readBytes: 0, writtenBytes: 0 }
  for (const pid of pids) {
    const [stat, io] = await Promise.all([textOf(`/proc/${pid}/stat`), textOf(`/proc/${pid}/io`)])
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // utime, stime, cutime, cstime; rss
    total.cpuSeconds += sum(fields.slice(11, 15)) / TICKS
    total.memoryBytes += sum(fields.slice(21, 22)) * PAGE
    total.readBytes += Number(/^read_bytes: (\d+)$/m.exec(io)?.[1] ?? 0)
    total.writtenBytes += Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? 0)
  }
  return { ...total, cpus: availableParallelism(), totalMemoryBytes: totalmem() }
}

const sum = (numbers: readonly string[]) => numbers.reduce((all, number) => all + (Number(number) || 0), 0)

/** '' of a process that is over or somebody else's. */
const textOf = (path: string) => readFile(path, 'latin1').catch(() => '')

export async function freeBytes(directory: string): Promise<number | undefined> {
  const found = await statfs(directory).catch(() => undefined)
  return found && found.bavail * found.bsize
}

/** Bytes on the disk of all files below; links are not followed, files with several names count as often. */
export async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0
  const open = [directory]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entries = await opendir(path).catch(() => undefined)
    if (!entries) continue
    for await (const entry of entries) {
      const child = `${path}/${entry.name}`
      if (entry.isDirectory()) open.push(child)
      const found = await lstat(child).catch(() => undefined)
      bytes += (found?.blocks ?? 0) * 512
    }
  }
  return bytes
}
