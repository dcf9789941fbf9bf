// Merges without a work tree: git merge-tree writes the merged tree and says which files conflict.

import { EMPTY_TREE } from './names.ts'
import { runGitFully } from './run.ts'

export interface ConflictStage {
  readonly mode: string
  readonly id: string
}

export interface FileConflict {
  readonly path: string
  readonly base?: ConflictStage
  /** The first commit given. */
  readonly ours?: ConflictStage
  readonly theirs?: ConflictStage
}

export interface MergedTree {
  /** The merged tree; with conflicts it holds files with markers. */
  readonly tree: string
  readonly conflicts: readonly FileConflict[]
}

/** Three-way merge of two commits over their common ancestors. Nothing is referenced, nothing but objects is written. */
export async function mergeTrees(dir: string, ours: string, theirs: string): Promise<MergedTree> {
  const { stdout, exitCode } = await runGitFully(['merge-tree', '--write-tree', '-z', '--no-messages', ours, theirs], {
    dir,
    accept: [1],
  })
  const [tree = EMPTY_TREE, ...lines] = stdout.toString('utf8').split('\0')
  if (exitCode === 0) return { tree, conflicts: [] }
  const files = new Map<string, { path: string; base?: ConflictStage; ours?: ConflictStage; theirs?: ConflictStage }>()
  for (const line of lines) {
    const found = /^(\d{6}) ([0-9a-f]{40}) ([123])\t(.*)$/s.exec(line)
    if (!found) continue
    const [, mode = '', id = '', stage, path = ''] = found
    const file = files.get(path) ?? { path }
    file[stage === '1' ? 'base' : stage === '2' ? 'ours' : 'theirs'] = { mode, id }
    files.set(path, file)
  }
  return { tree, conflicts: [...files.values()] }
}
