// The merge commit that the API made of two commits, found again.

import type { Handler } from '../../../../operation/handler.ts'
import { sidesOf } from '../../merging.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

/** AWS: a fast-forward made no merge commit; then mergedCommitId is not in the answer. */
export const getMergeCommit: Handler<'codecommit', 'GetMergeCommit'> = async (call, input) => {
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const { source, destination, base } = await sidesOf(call, repository, directory, input)
  const made = await call.tx.one<{ commit_id: string }>`
    select commit_id from codecommit.merge_commits
    where repository_id = ${repository.id} and source_id = ${source.id} and destination_id = ${destination.id}
      and detail_level = ${input.conflictDetailLevel ?? 'FILE_LEVEL'}
      and strategy = ${input.conflictResolutionStrategy ?? 'NONE'}`
  return {
    sourceCommitId: source.id,
    destinationCommitId: destination.id,
    baseCommitId: base.id,
    ...(made && { mergedCommitId: made.commit_id }),
  }
}
