// What Linux's /proc knows about processes: whether one still lives (pids are used again, so by start time), sessions, and an environment marker.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { signalAll } from '../../core/processes.ts'

/** A process that is not mistaken for a later one with the same pid: the start time is in clock ticks since boot. */
export interface ProcessId {
  readonly pid: number
  readonly startTime: string
}

interface Stat extends ProcessId {
  readonly state: string
  readonly parent: number
  readonly session: number
  readonly terminal: number
}

/** Reads a line of /proc/<pid>/stat; the name in it may contain spaces and parentheses. */
export function parseStat(line: string): Stat | undefined {
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .trim()
    .split(' ')
  const pid = Number.parseInt(line, 10)
  const [state, parent, , session, terminal] = fields
  const startTime = fields[19]
  if (Number.isNaN(pid) || !state || !parent || !session || !startTime) return undefined
  return { pid, state, parent: Number(parent), session: Number(session), terminal: Number(terminal), startTime }
}

export function statOf(pid: number): Stat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}

/** False for zombies as well: they run no more. */
export function isAlive({ pid, startTime }: ProcessId): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X'
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
}

/** The living processes of a session, but not those `isSpared` names. */
export function sessionProcesses(session: number, isSpared: (stat: Stat) => boolean): number[] {
  return allPids().filter(pid => {
    const stat = statOf(pid)
    return stat !== undefined && stat.session === session && stat.state !== 'Z' && !isSpared(stat)
  })
}

/**
 * Processes whose environment has `marker` (`NAME=value`), or that stand in `directory` or below without a terminal (with one it is a person
 * who looks around); never this one.
 */
export function markedProcesses(marker: string, directory: string): number[] {
  const needle = Buffer.from(`${marker}\0`)
  return allPids().filter(pid => pid !== process.pid && (hasMarker(pid, needle) || standsIn(pid, directory)))
}

/** The processes of the pid namespace whose first process is `init`, it included. */
export function processesInside(init: number): number[] {
  const space = spaceOf(init)
  return space === undefined ? [] : allPids().filter(pid => spaceOf(pid) === space)
}

function spaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined // gone, or somebody else's
  }
}

function hasMarker(pid: number, needle: Buffer): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`)
    const at = environment.indexOf(needle)
    return at === 0 || (at > 0 && environment[at - 1] === 0)
  } catch {
    return false // gone, or somebody else's
  }
}

function standsIn(pid: number, directory: string): boolean {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`)
    return (cwd === directory || cwd.startsWith(`${directory}/`)) && statOf(pid)?.terminal === 0
  } catch {
    return false
  }
}

/**
 * SIGKILL until `find` finds nobody. Those that are still there after the first time are stopped before, until nobody new is found: what is
 * stopped does not fork. Resolves with those that could not be killed.
 */
export async function killUntilGone(find: () => number[], limitMs = 5_000): Promise<readonly number[]> {
  const end = performance.now() + limitMs
  for (let attempt = 0; ; attempt++) {
    let left = find().filter(pid => statOf(pid)?.state !== 'Z')
    if (left.length === 0 || performance.now() > end) return left
    for (let known = 0; attempt > 2 && known < left.length && known < 100_000; left = find()) {
      known = left.length
      signalAll(left, 'SIGSTOP')
    }
    signalAll(left, 'SIGKILL')
    await delay(2)
  }
}
