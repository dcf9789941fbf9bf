// The git directory of this process: one for each data directory, its idle processes ended when the workers stop.

import { join } from 'node:path'
import type { Config } from '../../core/config.ts'
import { type Git, openGit, type Repository } from '../../git/index.ts'

const open = new Map<string, Git>()

export function gitOf(config: Config): Git {
  const root = join(config.dataDir, 'git')
  const known = open.get(root)
  if (known) return known
  const git = openGit(root)
  open.set(root, git)
  return git
}

/** The directory of a repository, made when it is missing. */
export async function directoryOf(config: Config, repository: { readonly id: string }): Promise<Repository> {
  const directory = gitOf(config).repository(repository.id)
  await directory.ensure()
  return directory
}
