// What a merge of two commits would be: the merged tree, and the files that stand in its way under CodeCommit's two levels of
// detail and four strategies.

import type {
  ConflictDetailLevelTypeEnum,
  ConflictResolution,
  ConflictResolutionStrategyTypeEnum,
} from '@aws-sdk/client-codecommit'
import type { Commit, Difference, Repository } from '../../git/index.ts'
import type { Call } from '../../operation/call.ts'
import { requireCommit } from './commits.ts'
import { applyResolution, type Resolved } from './conflictResolution.ts'
import { refuse } from './errors.ts'
import type { RepositoryRow } from './repositories.ts'
import { type Conflict, takeSide } from './takeSide.ts'

export interface MergeRequest {
  readonly sourceCommitSpecifier: string
  readonly destinationCommitSpecifier: string
  readonly conflictDetailLevel?: ConflictDetailLevelTypeEnum | undefined
  readonly conflictResolutionStrategy?: ConflictResolutionStrategyTypeEnum | undefined
  readonly conflictResolution?: ConflictResolution | undefined
}

export interface Sides {
  readonly source: Commit
  readonly destination: Commit
  /** The merge base. */
  readonly base: Commit
}

export interface MergeOutcome extends Sides {
  readonly level: ConflictDetailLevelTypeEnum
  readonly strategy: ConflictResolutionStrategyTypeEnum
  /** What git merged; files in conflict hold markers. */
  readonly tree: string
  /** Every conflict, those that the strategy resolves as well; ordered by path. */
  readonly conflicts: readonly Conflict[]
  /** True when the strategy leaves none. */
  readonly mergeable: boolean
  /** The tree to commit, with the conflicts resolved. Only when mergeable. */
  readonly resolved?: Resolved
}

/** AWS: histories without a common commit can not be compared. */
export async function sidesOf(
  call: Pick<Call, 'tx'>,
  repository: RepositoryRow,
  directory: Repository,
  request: Pick<MergeRequest, 'sourceCommitSpecifier' | 'destinationCommitSpecifier'>,
): Promise<Sides> {
  const source = await requireCommit(call, repository, directory, request.sourceCommitSpecifier)
  const destination = await requireCommit(call, repository, directory, request.destinationCommitSpecifier)
  const base = await directory.mergeBase(destination.id, source.id)
  if (base === undefined) return refuse('TipsDivergenceExceededException')
  return { source, destination, base: (await directory.commit(base))! }
}

export async function mergeSides(directory: Repository, sides: Sides, request: MergeRequest): Promise<MergeOutcome> {
  const { conflictDetailLevel: level = 'FILE_LEVEL', conflictResolutionStrategy: strategy = 'NONE' } = request
  const { tree, conflicts: byLine } = await directory.merge(sides.destination.id, sides.source.id)
  // AUTOMERGE asks git to merge what it can, whatever the level.
  const byFile = level === 'FILE_LEVEL' && strategy !== 'AUTOMERGE' ? await changedOnBothSides(directory, sides) : []
  const known = new Set(byLine.map(({ path }) => path))
  const conflicts = [...byLine, ...byFile.filter(({ path }) => !known.has(path))].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  )
  const resolved = await resolve(directory, tree, conflicts, strategy, request.conflictResolution)
  return {
    ...sides,
    level,
    strategy,
    tree,
    conflicts,
    mergeable: resolved !== undefined,
    ...(resolved && { resolved }),
  }
}

async function resolve(
  directory: Repository,
  tree: string,
  conflicts: readonly Conflict[],
  strategy: ConflictResolutionStrategyTypeEnum,
  resolution: ConflictResolution | undefined,
): Promise<Resolved | undefined> {
  const edit = await directory.edit(tree)
  switch (strategy) {
    case 'NONE':
      return conflicts.length === 0 ? { edit, blobs: [] } : undefined
    case 'ACCEPT_SOURCE':
    case 'ACCEPT_DESTINATION':
      for (const { path, ours, theirs } of conflicts) {
        if (!(await takeSide(edit, path, strategy === 'ACCEPT_SOURCE' ? theirs : ours))) return undefined
      }
      return { edit, blobs: [] }
    case 'AUTOMERGE':
      return applyResolution(edit, conflicts, resolution)
    default:
      return refuse('InvalidConflictResolutionStrategyException')
  }
}

/** Files that differ from the base on both sides, and from each other. */
async function changedOnBothSides(directory: Repository, { base, source, destination }: Sides): Promise<Conflict[]> {
  const ours = new Map<string, Difference>()
  for await (const one of directory.diff(base.tree, destination.tree)) ours.set(one.path, one)
  const both: Conflict[] = []
  for await (const theirs of directory.diff(base.tree, source.tree)) {
    const mine = ours.get(theirs.path)
    if (!mine) continue
    const same = mine.after?.id === theirs.after?.id && mine.after?.mode === theirs.after?.mode
    if (same) continue
    both.push({
      path: theirs.path,
      ...(theirs.before && { base: theirs.before }),
      ...(mine.after && { ours: mine.after }),
      ...(theirs.after && { theirs: theirs.after }),
    })
  }
  return both
}
