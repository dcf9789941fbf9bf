// Files in conflict with their hunks: all of them page by page, or those that are named.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { describeConflict } from '../../conflicts/describe.ts'
import { refuse } from '../../errors.ts'
import { mergeSides, sidesOf } from '../../merging.ts'
import { normalizePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

const PAGE = 100
const MOST_HUNKS = 1000

export const batchDescribeMergeConflicts: Handler<'codecommit', 'BatchDescribeMergeConflicts'> = async (
  call,
  input,
) => {
  const { maxConflictFiles: limit = PAGE, maxMergeHunks: hunks = MOST_HUNKS, nextToken: token } = input
  if (input.mergeOption === 'FAST_FORWARD_MERGE') refuse('InvalidMergeOptionException')
  if (limit < 1 || limit > 1000) refuse('InvalidMaxConflictFilesException')
  if (hunks < 1 || hunks > MOST_HUNKS) refuse('InvalidMaxMergeHunksException')
  const [after] = token === undefined ? [''] : (readPageToken(token) ?? [])
  if (typeof after !== 'string') return refuse('InvalidContinuationTokenException')
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const sides = await sidesOf(call, repository, directory, input)
  const outcome = await mergeSides(directory, sides, input)
  const named = input.filePaths?.length ? new Set(input.filePaths.map(normalizePath)) : undefined
  const wanted = outcome.conflicts.filter(({ path }) => path > after && (!named || named.has(path)))
  const { items, nextToken } = page(wanted, limit, ({ path }) => [path])
  const conflicts = []
  for (const conflict of items) {
    const described = await describeConflict(directory, outcome, conflict)
    conflicts.push({ ...described, mergeHunks: described.mergeHunks.slice(0, hunks) })
  }
  const known = new Set(outcome.conflicts.map(({ path }) => path))
  const missing = token === undefined ? [...(named ?? [])].filter(path => !known.has(path)) : []
  return {
    conflicts,
    errors: missing.map(path => ({
      filePath: path,
      exceptionName: 'FileDoesNotExistException',
      message: `${path} is not in conflict`,
    })),
    destinationCommitId: sides.destination.id,
    sourceCommitId: sides.source.id,
    baseCommitId: sides.base.id,
    ...(nextToken && { nextToken }),
  }
}
