// What a container uses, as its engine and its control groups say; versions 1 and 2 of them have other names for the same.

import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import type Docker from 'dockerode'
import { within } from '../../core/bounded.ts'
import type { SandboxUsage } from '../sandbox.ts'
import { CALL_TIMEOUT_MS } from './engine.ts'

interface Stats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number }; readonly online_cpus?: number }
  readonly pids_stats?: { readonly current?: number; readonly limit?: number }
  readonly memory_stats?: {
    readonly usage?: number
    readonly limit?: number
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number }
  }
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null
  }
}

export async function usageOf(container: Docker.Container): Promise<SandboxUsage> {
  // One sample; without the second option the engine waits for another one.
  const options = { stream: false, 'one-shot': true } as const
  const stats = (await within(CALL_TIMEOUT_MS, 'no answer', container.stats(options))) as unknown as Stats
  const { cpu_stats: cpu, memory_stats: memory, blkio_stats: storage, pids_stats: processes } = stats
  // Version 1 has the cache of the group itself under one name and of all below it under another.
  const cache = memory?.stats?.total_inactive_file ?? memory?.stats?.inactive_file ?? 0
  const bytes = (op: string) =>
    (storage?.io_service_bytes_recursive ?? [])
      .filter(entry => entry.op.toLowerCase() === op)
      .reduce((sum, { value }) => sum + value, 0)
  return {
    cpuSeconds: (cpu?.cpu_usage?.total_usage ?? 0) / 1e9,
    memoryBytes: Math.max(0, (memory?.usage ?? 0) - cache),
    readBytes: bytes('read'),
    writtenBytes: bytes('write'),
    cpus: cpu?.online_cpus ?? 1,
    totalMemoryBytes: memory?.limit ?? totalmem(),
    ...(processes?.current && processes.limit && { processes: { count: processes.current, limit: processes.limit } }),
  }
}

/** Of its own layer: files of the image that it did not change are not its. */
export async function writtenBytes(container: Docker.Container): Promise<number> {
  const found = (await within(CALL_TIMEOUT_MS, 'no answer', container.inspect({ size: true } as object))) as {
    SizeRw?: number
  }
  return found.SizeRw ?? 0
}

/** Free bytes where an engine of this machine keeps its containers; of another machine's nothing is known. */
export function freeDiskOf(docker: Docker, address: string): () => Promise<number | undefined> {
  let root: Promise<string | undefined> | undefined
  return async () => {
    if (!address.startsWith('unix:')) return undefined
    root ??= docker.info().then(
      ({ DockerRootDir }: { DockerRootDir?: string }) => DockerRootDir,
      () => undefined,
    )
    const directory = await root
    if (directory === undefined) root = undefined
    // It may be another machine all the same, behind a socket that was passed on.
    const found = directory === undefined ? undefined : await statfs(directory).catch(() => undefined)
    return found && found.bavail * found.bsize
  }
}

export const OUT_OF_MEMORY = 'cat /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events 2>/dev/null'

export const outOfMemoryIn = (text: string): number => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
