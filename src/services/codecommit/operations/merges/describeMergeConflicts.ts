// One file in conflict, with its hunks page by page.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { describeConflict } from '../../conflicts/describe.ts'
import { refuse } from '../../errors.ts'
import { mergeSides, sidesOf } from '../../merging.ts'
import { filePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

const PAGE = 100

export const describeMergeConflicts: Handler<'codecommit', 'DescribeMergeConflicts'> = async (call, input) => {
  const { maxMergeHunks: limit = PAGE, nextToken: token } = input
  if (input.mergeOption === 'FAST_FORWARD_MERGE') refuse('InvalidMergeOptionException')
  if (limit < 1 || limit > 1000) refuse('InvalidMaxMergeHunksException')
  const [after] = token === undefined ? [-1] : (readPageToken(token) ?? [])
  if (typeof after !== 'number') return refuse('InvalidContinuationTokenException')
  const path = filePath(input.filePath)
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const sides = await sidesOf(call, repository, directory, input)
  const outcome = await mergeSides(directory, sides, input)
  const conflict = outcome.conflicts.find(one => one.path === path) ?? refuse('FileDoesNotExistException')
  const { conflictMetadata, mergeHunks } = await describeConflict(directory, outcome, conflict)
  // The base never changes between two pages of the same commits: a hunk's place in it is its key.
  const rest = mergeHunks.map((hunk, index) => ({ hunk, index })).filter(({ index }) => index > after)
  const { items, nextToken } = page(rest, limit, ({ index }) => [index])
  return {
    conflictMetadata,
    mergeHunks: items.map(({ hunk }) => hunk),
    destinationCommitId: sides.destination.id,
    sourceCommitId: sides.source.id,
    baseCommitId: sides.base.id,
    ...(nextToken && { nextToken }),
  }
}
