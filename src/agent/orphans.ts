// Scripts that outlived a killed agent: found by the process group they were recorded with, and ended.

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { signalGroup } from '../core/processes.ts'
import { deploymentLayout } from './layout.ts'

/** When a process started, in the kernel's ticks: with the pid it names one process for ever. Empty where /proc is not. */
export function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** The environment variable that names a script's run. */
export const MARK = 'CODEYARD_SCRIPT_RUN'

interface Recorded {
  readonly mark?: string
  readonly pid?: number
  readonly started?: string
}

/** Kills the process groups that events of an earlier agent left running. Answers how many. */
export function endOrphans(root: string): number {
  let ended = 0
  for (const group of list(root)) {
    for (const deployment of list(join(root, group))) {
      const { process: record } = deploymentLayout(join(root, group, deployment))
      try {
        const leader = leaderOf(JSON.parse(readFileSync(record, 'utf8')) as Recorded)
        if (leader !== undefined) {
          signalGroup(leader, 'SIGKILL')
          ended++
        }
        rmSync(record, { force: true })
      } catch {
        // no record: nothing was running
      }
    }
  }
  return ended
}

/** The first process of the script's group, if it lives. */
function leaderOf({ mark, pid, started }: Recorded): number | undefined {
  if (pid !== undefined) return started && processStart(pid) === started ? pid : undefined
  if (mark === undefined) return undefined
  return list('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .find(candidate => leadsItsGroup(candidate) && environmentOf(candidate).includes(`${MARK}=${mark}`))
}

function leadsItsGroup(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === pid
  } catch {
    return false
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name)
  } catch {
    return []
  }
}
