// Submodules, level by level: each level's URLs are known before they are fetched, so that each can be given its own authorization.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { configText, type GitAccess, gitEnvironment } from './access.ts'
import { runGit } from './runGit.ts'

export interface Submodules {
  readonly folder: string
  readonly signal: AbortSignal
  /** A file that may be written, in a directory of ours, for git's configuration. */
  readonly configFile: string
  /** The access for submodules at these URLs. */
  accessFor(urls: readonly string[]): Promise<GitAccess>
}

/** Submodules in submodules in ... */
const MOST_LEVELS = 10

/** Fetches the submodules of the working copy in `folder`. Throws GitFailure. */
export async function fetchSubmodules(submodules: Submodules, level = 0): Promise<void> {
  const { folder, signal, configFile, accessFor } = submodules
  const plain = gitEnvironment({ rewrites: [] }, folder)
  const run = (env: NodeJS.ProcessEnv, ...args: string[]) => runGit(['-C', folder, ...args], { env, signal })
  const listed = (member: string, ...where: string[]) =>
    run(plain, 'config', ...where, '--get-regexp', `^submodule\\..*\\.${member}$`).then(valuesOf, () => [])
  await run(plain, 'submodule', 'init', '--quiet')
  const urls = await listed('url', '--local')
  if (urls.length === 0) return
  const access = await accessFor(urls)
  await writeFile(configFile, configText(access), { mode: 0o600 })
  await run(gitEnvironment(access, folder, configFile), 'submodule', 'update', '--quiet', '--init')
  if (level === MOST_LEVELS) return
  for (const path of await listed('path', '--file', '.gitmodules')) {
    await fetchSubmodules({ ...submodules, folder: join(folder, path) }, level + 1)
  }
}

/** Of `key value` lines. */
const valuesOf = (lines: string) =>
  lines
    .split('\n')
    .filter(line => line.includes(' '))
    .map(line => line.slice(line.indexOf(' ') + 1))
