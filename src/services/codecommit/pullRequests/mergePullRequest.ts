// Merging a pull request: the commit is made from the tips that were seen, then branch, status, record and events in one transaction,
// if nobody moved anything meanwhile.

import type { MergeOptionTypeEnum, MergePullRequestBySquashInput } from '@aws-sdk/client-codecommit'
import { isObjectId, type Repository } from '../../../git/index.ts'
import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import type { Validated } from '../../../operation/types.ts'
import { requireRulesSatisfied } from '../approvals/evaluate.ts'
import { fail, refuse } from '../errors.ts'
import { makeMergeCommit, moveBranch } from '../mergeBranches.ts'
import { type Sides, sidesOf } from '../merging.ts'
import { lockRepository, type RepositoryRow, requireRepository } from '../repositories.ts'
import { directoryOf } from '../store.ts'
import { announceMerge } from './followReferences.ts'
import { closeMerged, lockPullRequest, type PullRequestRow, requirePullRequest } from './pullRequests.ts'

type MergeInput = Validated<MergePullRequestBySquashInput>

export async function mergePullRequest(
  call: Call,
  input: MergeInput,
  option: MergeOptionTypeEnum,
): Promise<PullRequestRow> {
  const row = await requirePullRequest(call, input.pullRequestId)
  const repository = await requireRepository(call, input.repositoryName)
  check(row, repository, input)
  await requireRulesSatisfied(call, row)
  const directory = await directoryOf(call.config, repository)
  const made = await makeMerge(call, { row, repository, directory, input, option })
  await holdUnchanged(call, row, input)
  await closeMerged(call, row, {
    mergedBy: principalArn(call.principal),
    option,
    ...(option !== 'FAST_FORWARD_MERGE' && { commitId: made.commitId }),
    mergeBase: made.sides.base.id,
  })
  await moveBranch(call, repository, branchOf(row.destination_reference), made)
  return announceMerge(call, row)
}

const branchOf = (reference: string) => reference.slice('refs/heads/'.length)

function check(row: PullRequestRow, repository: RepositoryRow, { sourceCommitId }: MergeInput): void {
  if (row.repository_id !== repository.id) refuse('RepositoryNotAssociatedWithPullRequestException')
  if (row.status === 'CLOSED') refuse('PullRequestAlreadyClosedException')
  if (sourceCommitId === undefined) return
  if (!isObjectId(sourceCommitId)) refuse('InvalidCommitIdException')
  if (sourceCommitId !== row.source_commit) refuse('TipOfSourceReferenceIsDifferentException')
}

interface Making {
  readonly row: PullRequestRow
  readonly repository: RepositoryRow
  readonly directory: Repository
  readonly input: MergeInput
  readonly option: MergeOptionTypeEnum
}

interface Made {
  readonly sides: Sides
  readonly commitId: string
  /** Members of the branch's event. */
  readonly detail: Readonly<Record<string, unknown>>
}

async function makeMerge(call: Call, { row, repository, directory, input, option }: Making): Promise<Made> {
  const tips = { sourceCommitSpecifier: row.source_commit, destinationCommitSpecifier: row.destination_commit }
  if (option === 'FAST_FORWARD_MERGE') {
    const base = await directory.mergeBase(row.destination_commit, row.source_commit)
    if (base !== row.destination_commit) refuse('ManualMergeRequiredException')
    const sides = await sidesOf(call, repository, directory, tips)
    return { sides, commitId: sides.source.id, detail: { mergeOption: option } }
  }
  const names = `${branchOf(row.source_reference)} into ${branchOf(row.destination_reference)}`
  const commitMessage = input.commitMessage ?? `${option === 'SQUASH_MERGE' ? 'Squash merge' : 'Merge'} ${names}\n`
  const { commitId, outcome } = await makeMergeCommit(
    call,
    repository,
    directory,
    { ...input, ...tips, commitMessage },
    option,
  )
  return {
    sides: outcome,
    commitId,
    detail: {
      mergeOption: option,
      conflictDetailsLevel: outcome.level,
      conflictResolutionStrategy: outcome.strategy,
    },
  }
}

/** Repository first, then pull request, as pushes do. What was looked at before has to be so still. */
async function holdUnchanged(call: Call, seen: PullRequestRow, input: MergeInput): Promise<void> {
  const repository =
    (await lockRepository(call.tx, seen.repository_id)) ??
    fail('RepositoryDoesNotExistException', `${seen.repository_name} does not exist`)
  const row = await lockPullRequest(call, input.pullRequestId)
  check(row, repository, input)
  if (row.source_commit !== seen.source_commit || row.destination_commit !== seen.destination_commit) {
    refuse('ConcurrentReferenceUpdateException')
  }
  await requireRulesSatisfied(call, row)
}
