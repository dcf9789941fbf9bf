// The lines in which two versions of a file differ, hunk by hunk.

import type { DiffChange } from '@aws-sdk/client-codecommit'
import { page, readPageToken } from '../../../../core/pageToken.ts'
import { type Hunk, isObjectId, type Repository } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, refuse } from '../../errors.ts'
import { MOST_FILE_BYTES } from '../../fileModes.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

const PAGE = 100

export const getBlobDifferences: Handler<'codecommit', 'GetBlobDifferences'> = async (call, input) => {
  const { beforeBlobId, afterBlobId, contextLines = 3, ignoreWhitespace, MaxResults: limit = PAGE, NextToken } = input
  if (contextLines < 0 || contextLines > 20) {
    fail('ValidationException', 'The number of context lines must be between 0 and 20.')
  }
  if (limit < 1 || limit > 1000) refuse('InvalidMaxResultsException')
  const after = NextToken === undefined ? [0] : readPageToken(NextToken)
  if (after?.length !== 1 || typeof after[0] !== 'number') refuse('InvalidContinuationTokenException')
  const directory = await directoryOf(call.config, await requireRepository(call, input.repositoryName))
  const beforeBlobSize = beforeBlobId === undefined ? 0 : await sizeOf(directory, beforeBlobId)
  const afterBlobSize = await sizeOf(directory, afterBlobId)
  const { binary, hunks } = await directory.diffLines(beforeBlobId, afterBlobId, {
    context: contextLines,
    ignoreWhitespace,
  })
  const rest = hunks.filter(hunk => keyOf(hunk) > Number(after![0]))
  const { items, nextToken } = page(rest, limit, hunk => [keyOf(hunk)])
  return {
    hunks: items.map(shape),
    isBinary: binary,
    beforeBlobSize,
    afterBlobSize,
    ...(nextToken && { NextToken: nextToken }),
  }
}

/** Hunks are ordered by where they are in both files together. */
const keyOf = ({ before, after }: Hunk) => before.start + before.count + after.start + after.count

async function sizeOf(directory: Repository, id: string): Promise<number> {
  if (!isObjectId(id)) refuse('InvalidBlobIdException')
  const head = await directory.head(id)
  if (head?.type !== 'blob') return refuse('BlobIdDoesNotExistException')
  return head.size > MOST_FILE_BYTES ? refuse('FileTooLargeException') : head.size
}

function shape({ before, after, lines }: Hunk) {
  return {
    beforeStartLine: before.start,
    beforeLineCount: before.count,
    afterStartLine: after.start,
    afterLineCount: after.count,
    changes: lines.map(
      (line): DiffChange => ({
        type: line.type,
        ...(line.type !== 'ADD' && { beforeLineNumber: line.before }),
        ...(line.type !== 'DELETE' && { afterLineNumber: line.after }),
        content: line.text,
      }),
    ),
  }
}
