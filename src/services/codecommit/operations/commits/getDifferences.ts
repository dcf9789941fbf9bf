// The files that differ between two commits, page by page in the order of their paths.

import type { BlobMetadata } from '@aws-sdk/client-codecommit'
import { page, readPageToken } from '../../../../core/pageToken.ts'
import { type Difference, isTreePath, type Repository } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { requireCommit } from '../../commits.ts'
import { refuse } from '../../errors.ts'
import { normalizePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

const PAGE = 400
const MOST = 1000

export const getDifferences: Handler<'codecommit', 'GetDifferences'> = async (call, input) => {
  const { MaxResults: limit = PAGE, NextToken: token } = input
  if (limit < 1 || limit > MOST) refuse('InvalidMaxResultsException')
  const after = token === undefined ? [''] : readPageToken(token)
  if (after?.length !== 1) refuse('InvalidContinuationTokenException')
  const afterPath = folder(input.afterPath ?? input.beforePath)
  const beforePath = folder(input.beforePath ?? input.afterPath)
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const newer = await requireCommit(call, repository, directory, input.afterCommitSpecifier)
  const older =
    input.beforeCommitSpecifier === undefined
      ? undefined
      : await requireCommit(call, repository, directory, input.beforeCommitSpecifier)

  const right = await directory.find(newer.tree, afterPath)
  const left = older && (await directory.find(older.tree, beforePath))
  const missing = beforePath === afterPath ? !left && !right : (older && !left) || !right
  if (missing) refuse('PathDoesNotExistException')

  const found: Difference[] = []
  for await (const one of between(directory, { left, right, path: afterPath })) {
    if (one.path <= String(after![0])) continue
    found.push(one)
    if (found.length > limit) break
  }
  const { items, nextToken } = page(found, limit, ({ path }) => [path])
  return { differences: items.map(shape), ...(nextToken && { NextToken: nextToken }) }
}

/** AWS: with paths given, the paths in the answer are relative to them [CLI example of get-differences]. */
async function* between(
  directory: Repository,
  { left, right, path }: { left?: Entry; right?: Entry; path: string },
): AsyncGenerator<Difference> {
  const isTree = (entry?: Entry) => entry?.mode === '40000'
  const files = [left, right].filter(entry => entry && !isTree(entry))
  if (files.length > 0) {
    const side = (entry?: Entry) => entry && { mode: entry.mode, id: entry.id }
    if (left?.id === right?.id && left?.mode === right?.mode) return
    const change = !left ? 'A' : !right ? 'D' : 'M'
    yield { path, change, ...(left && { before: side(left)! }), ...(right && { after: side(right)! }) }
    return
  }
  yield* directory.diff(left?.id, right?.id)
}

type Entry = { readonly mode: string; readonly id: string }

function folder(path: string | undefined): string {
  const normal = normalizePath(path ?? '')
  if (normal !== '' && !isTreePath(normal)) refuse('InvalidPathException')
  return normal
}

function shape({ path, change, before, after }: Difference) {
  const blob = (side: Entry | undefined): BlobMetadata | undefined =>
    side && { blobId: side.id, path, mode: side.mode.padStart(6, '0') }
  const beforeBlob = blob(before)
  const afterBlob = blob(after)
  return { changeType: change, ...(beforeBlob && { beforeBlob }), ...(afterBlob && { afterBlob }) }
}
