// Remembers on disk which command runs, so that an agent that was killed can report it as failed when it starts again.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Layout } from './layout.ts'

/** AWS: files older than a day are forgotten [deployment_command_tracker.rb]. */
const STALE_MS = 24 * 3600 * 1000

export function trackCommand(layout: Layout, deploymentId: string, commandId: string): void {
  mkdirSync(layout.ongoing, { recursive: true })
  writeFileSync(join(layout.ongoing, basename(deploymentId)), commandId)
}

export function forgetCommand(layout: Layout, deploymentId: string): void {
  rmSync(join(layout.ongoing, basename(deploymentId)), { force: true })
}

/** Commands that an earlier agent left unfinished, newest first. */
export function unfinishedCommands(layout: Layout, now: Date): { deploymentId: string; commandId: string }[] {
  let names: string[]
  try {
    names = readdirSync(layout.ongoing)
  } catch {
    return []
  }
  const files = names.map(name => {
    const path = join(layout.ongoing, name)
    return { deploymentId: name, path, time: statSync(path).mtimeMs }
  })
  const [fresh, stale] = [
    files.filter(file => now.getTime() - file.time < STALE_MS),
    files.filter(file => now.getTime() - file.time >= STALE_MS),
  ]
  for (const { path } of stale) rmSync(path, { force: true })
  return fresh
    .sort((a, b) => b.time - a.time)
    .map(({ deploymentId, path }) => ({ deploymentId, commandId: readFileSync(path, 'utf8').trim() }))
}
