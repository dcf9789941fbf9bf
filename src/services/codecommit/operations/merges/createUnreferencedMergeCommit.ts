// A merge to look at: the commit is made, no branch moves.

import type { Handler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { refuse } from '../../errors.ts'
import { makeMergeCommit } from '../../mergeBranches.ts'
import { repositoryArn, requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const createUnreferencedMergeCommit: Handler<'codecommit', 'CreateUnreferencedMergeCommit'> = async (
  call,
  input,
) => {
  const { mergeOption } = input
  if (mergeOption === 'FAST_FORWARD_MERGE') return refuse('InvalidMergeOptionException')
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const { commitId, treeId, outcome } = await makeMergeCommit(call, repository, directory, input, mergeOption)
  // AWS: unreferencedMergeCommitCreated [monitoring-events]
  await call.emit({
    source: 'aws.codecommit',
    detailType: 'CodeCommit Repository State Change',
    resources: [repositoryArn(repository, repository.name)],
    detail: {
      callerUserArn: principalArn(call.principal),
      event: 'unreferencedMergeCommitCreated',
      repositoryName: repository.name,
      repositoryId: repository.id,
      commitId,
      baseCommitId: outcome.base.id,
      sourceCommitId: outcome.source.id,
      destinationCommitId: outcome.destination.id,
      mergeOption,
      conflictDetailsLevel: outcome.level,
      conflictResolutionStrategy: outcome.strategy,
    },
  })
  return { commitId, treeId }
}
