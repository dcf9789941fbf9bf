// The files that stand in the way of a merge.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { conflictMetadata } from '../../conflictMetadata.ts'
import { refuse } from '../../errors.ts'
import { mergeSides, sidesOf } from '../../merging.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

const PAGE = 100

export const getMergeConflicts: Handler<'codecommit', 'GetMergeConflicts'> = async (call, input) => {
  const { maxConflictFiles: limit = PAGE, nextToken: token } = input
  if (limit < 1 || limit > 1000) refuse('InvalidMaxConflictFilesException')
  const after = token === undefined ? [''] : readPageToken(token)
  if (after?.length !== 1) refuse('InvalidContinuationTokenException')
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const sides = await sidesOf(call, repository, directory, input)
  const ids = {
    sourceCommitId: sides.source.id,
    destinationCommitId: sides.destination.id,
    baseCommitId: sides.base.id,
  }
  if (input.mergeOption === 'FAST_FORWARD_MERGE') {
    return { mergeable: sides.base.id === sides.destination.id, ...ids, conflictMetadataList: [] }
  }
  const { mergeable, conflicts, tree } = await mergeSides(directory, sides, input)
  const rest = conflicts.filter(({ path }) => path > String(after![0]))
  const { items, nextToken } = page(rest, limit, ({ path }) => [path])
  return {
    mergeable,
    ...ids,
    conflictMetadataList: await Promise.all(items.map(conflict => conflictMetadata(directory, tree, conflict))),
    ...(nextToken && { nextToken }),
  }
}
