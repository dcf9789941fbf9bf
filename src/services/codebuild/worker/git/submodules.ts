// Submodules, level by level: each level's URLs are known before they are fetched, so that each can be given its own authorization.

import { join } from 'node:path'
import { type GitAccess, gitEnvironment } from './access.ts'
import { runGit } from './runGit.ts'

export interface Submodules {
  readonly folder: string
  readonly signal: AbortSignal
  /** The access for submodules at these URLs. */
  accessFor(urls: readonly string[]): Promise<GitAccess>
}

/** Submodules in submodules in ... */
const MOST_LEVELS = 10

/** Fetches the submodules of the working copy in `folder`. Throws GitFailure. */
export async function fetchSubmodules({ folder, signal, accessFor }: Submodules, level = 0): Promise<void> {
  const run = (access: GitAccess, ...args: string[]) =>
    runGit(['-C', folder, ...args], { env: gitEnvironment(access, folder), signal })
  const none: GitAccess = { rewrites: [] }
  await run(none, 'submodule', 'init', '--quiet')
  const urls = values(await run(none, 'config', '--local', '--get-regexp', '^submodule\\..*\\.url$').catch(() => ''))
  if (urls.length === 0) return
  await run(await accessFor(urls), 'submodule', 'update', '--quiet', '--init')
  if (level === MOST_LEVELS) return
  const paths = values(await run(none, 'config', '--file', '.gitmodules', '--get-regexp', '^submodule\\..*\\.path$'))
  for (const path of paths) await fetchSubmodules({ folder: join(folder, path), signal, accessFor }, level + 1)
}

/** Of `key value` lines. */
const values = (lines: string) =>
  lines
    .split('\n')
    .filter(line => line.includes(' '))
    .map(line => line.slice(line.indexOf(' ') + 1))
