// Scripts that outlived a killed agent: found by the process group they were recorded with, and ended.

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { deploymentLayout } from './layout.ts'
import { signalGroup } from './runScript.ts'

/** When a process started, in the kernel's ticks: with the pid it names one process for ever. Empty where /proc is not. */
export function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Kills the process groups that events of an earlier agent left running. Answers how many. */
export function endOrphans(root: string): number {
  let ended = 0
  for (const group of list(root)) {
    for (const deployment of list(join(root, group))) {
      const { process: record } = deploymentLayout(join(root, group, deployment))
      try {
        const { pid, started } = JSON.parse(readFileSync(record, 'utf8')) as { pid: number; started: string }
        if (started !== '' && processStart(pid) === started) {
          signalGroup(pid, 'SIGKILL')
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

function list(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name)
  } catch {
    return []
  }
}
