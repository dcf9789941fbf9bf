// The scripts' output on disk: logs/scripts.log of the deployment and one log of all deployments, in the agent's formats.

import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { createLogTail } from './diagnostics.ts'

export interface ScriptLog {
  /** Entries end in a newline. */
  add(entries: readonly string[]): void
  /** What fits into the diagnostics. */
  tail(): string
  close(): void
}

export interface ScriptLogFiles {
  readonly scriptsLog: string
  readonly deploymentsLog: string
  readonly deploymentId: string
  readonly now: () => Date
  /** Also hears every entry, for a terminal. */
  readonly heard?: (entry: string) => void
}

const ROTATE_AT_BYTES = 64 * 1024 * 1024

export function openScriptLog(files: ScriptLogFiles): ScriptLog {
  const tail = createLogTail()
  const scripts = openToAppend(files.scriptsLog)
  rotate(files.deploymentsLog)
  const deployments = openToAppend(files.deploymentsLog)
  return {
    add(entries) {
      const now = localTime(files.now())
      for (const entry of entries) {
        tail.add(entry)
        files.heard?.(entry)
      }
      write(scripts, entries.map(entry => `${now.slice(0, 19)} ${entry}`).join(''))
      write(deployments, entries.map(entry => `[${now}] [${files.deploymentId}]${entry.trim()}\n`).join(''))
    },
    tail: tail.text,
    close() {
      closeSync(scripts)
      closeSync(deployments)
    },
  }
}

function openToAppend(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a')
}

function write(file: number, text: string): void {
  try {
    writeSync(file, text)
  } catch {
    // A full disk must not end the script: its output still reaches the diagnostics.
  }
}

function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > ROTATE_AT_BYTES) renameSync(path, `${path}.1`)
}

/** `2026-11-23 05:10:29.897` in the host's zone, as the agent writes. */
function localTime(date: Date): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
}
