// Merging into a branch through the API: a merge commit for squash and three-way, moved onto the branch if it is still where
// the destination was.

import type { MergeBranchesBySquashInput, MergeOptionTypeEnum } from '@aws-sdk/client-codecommit'
import { isBranchName, isObjectId, type Repository, signature } from '../../git/index.ts'
import type { Call } from '../../operation/call.ts'
import type { Validated } from '../../operation/types.ts'
import { authorName, checkAuthorship } from './apiCommit.ts'
import { changeReferences } from './changeReferences.ts'
import { keepFolders } from './emptyFolders.ts'
import { fail, refuse } from './errors.ts'
import { type MergeOutcome, mergeSides, type Sides, sidesOf } from './merging.ts'
import { branchRef, branchTip, findReferences, tagRef } from './references.ts'
import { lockRepository, type RepositoryRow, requireRepository } from './repositories.ts'
import { directoryOf } from './store.ts'

type MergeInput = Validated<MergeBranchesBySquashInput>

export interface Merged {
  readonly commitId: string
  readonly treeId: string
}

/** Makes the merge commit, without moving anything; ManualMergeRequiredException where the strategy leaves conflicts. */
export async function makeMergeCommit(
  call: Call,
  repository: RepositoryRow,
  directory: Repository,
  input: Omit<MergeInput, 'repositoryName' | 'targetBranch'>,
  option: 'SQUASH_MERGE' | 'THREE_WAY_MERGE',
): Promise<Merged & { readonly outcome: MergeOutcome }> {
  const { authorName: name, email, commitMessage } = input
  checkAuthorship({ name, email, message: commitMessage })
  const outcome = await mergeSides(directory, await sidesOf(call, repository, directory, input), input)
  if (!outcome.resolved) return refuse('ManualMergeRequiredException')
  const { edit } = outcome.resolved
  const kept = input.keepEmptyFolders ? await keepFolders(directory, outcome.destination.tree, edit) : []
  const tree = edit.write()
  const author = signature(name || authorName(call.principal), email ?? '', call.now)
  const { source, destination } = outcome
  const parents = option === 'SQUASH_MERGE' ? [destination.id] : [destination.id, source.id]
  const commitId = await directory.writeCommit(
    { tree: tree.id, parents, author, committer: author, message: commitMessage ?? defaultMessage(input, option) },
    [...outcome.resolved.blobs, ...kept, ...tree.objects],
  )
  // Held before the insert shares it: two merges that both want it whole afterwards would wait for each other.
  await lockRepository(call.tx, repository.id)
  await call.tx.run`
    insert into codecommit.merge_commits (repository_id, source_id, destination_id, detail_level, strategy, commit_id, created_at)
    values (${repository.id}, ${source.id}, ${destination.id}, ${outcome.level}, ${outcome.strategy}, ${commitId}, ${call.now})
    on conflict (repository_id, source_id, destination_id, detail_level, strategy)
    do update set commit_id = excluded.commit_id, created_at = excluded.created_at`
  return { commitId, treeId: tree.id, outcome }
}

function defaultMessage(
  {
    sourceCommitSpecifier,
    destinationCommitSpecifier,
  }: Pick<MergeInput, 'sourceCommitSpecifier' | 'destinationCommitSpecifier'>,
  option: string,
): string {
  const what = option === 'SQUASH_MERGE' ? 'Squash merge' : 'Merge'
  return `${what} ${sourceCommitSpecifier} into ${destinationCommitSpecifier}\n`
}

/** The branch that the merge goes to: the one named, or the destination when that is a branch. */
export async function targetBranch(
  call: Call,
  repository: RepositoryRow,
  input: Pick<MergeInput, 'targetBranch' | 'destinationCommitSpecifier'>,
): Promise<string> {
  const named = input.targetBranch ?? input.destinationCommitSpecifier.replace(/^refs\/heads\//, '')
  if (input.targetBranch === undefined && isObjectId(named)) return refuse('BranchNameRequiredException')
  if (!isBranchName(named)) return refuse('InvalidTargetBranchException')
  if ((await branchTip(call.tx, repository.id, named)) !== undefined) return named
  const [tag] = await findReferences(call.tx, repository.id, [tagRef(named)])
  if (tag) return refuse('BranchNameIsTagNameException')
  return fail('BranchDoesNotExistException', `Branch ${named} does not exist`)
}

export async function moveBranch(
  call: Call,
  repository: RepositoryRow,
  branch: string,
  { sides, commitId, detail }: { sides: Sides; commitId: string; detail: Readonly<Record<string, unknown>> },
): Promise<void> {
  const [result] = await changeReferences(
    call,
    repository.id,
    [{ name: branchRef(branch), old: sides.destination.id, new: commitId, type: 'commit' }],
    {
      detail: {
        baseCommitId: sides.base.id,
        sourceCommitId: sides.source.id,
        destinationCommitId: sides.destination.id,
        ...detail,
      },
    },
  )
  if (result?.status === 'rejected') refuse('ConcurrentReferenceUpdateException')
}

/** Squash and three-way, whole. */
export async function mergeBranches(
  call: Call,
  input: MergeInput,
  option: 'SQUASH_MERGE' | 'THREE_WAY_MERGE',
): Promise<Merged> {
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const branch = await targetBranch(call, repository, input)
  const { commitId, treeId, outcome } = await makeMergeCommit(call, repository, directory, input, option)
  await moveBranch(call, repository, branch, {
    sides: outcome,
    commitId,
    detail: {
      mergeOption: option satisfies MergeOptionTypeEnum,
      conflictDetailsLevel: outcome.level,
      conflictResolutionStrategy: outcome.strategy,
    },
  })
  return { commitId, treeId }
}
