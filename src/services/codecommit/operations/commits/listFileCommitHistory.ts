// The commits that changed a file, newest first.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { PathVersion } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { commitShape, requireCommit } from '../../commits.ts'
import { refuse } from '../../errors.ts'
import { filePath } from '../../paths.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

const PAGE = 100
const MOST = 1000

/** A deletion is no version of the file: it is left out, and the version before it has no newer one through it. */
export const listFileCommitHistory: Handler<'codecommit', 'ListFileCommitHistory'> = async (call, input) => {
  const { maxResults: limit = PAGE, nextToken: token } = input
  if (limit < 1 || limit > MOST) refuse('InvalidMaxResultsException')
  const after = token === undefined ? [''] : readPageToken(token)
  if (after?.length !== 1) refuse('InvalidContinuationTokenException')
  const path = filePath(input.filePath)
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const start = await requireCommit(call, repository, directory, input.commitSpecifier)

  const found: (PathVersion & { blob: string })[] = []
  let skipping = after![0] !== ''
  const deletions = new Set<string>()
  for await (const { blob, children, ...version } of directory.log(start.id, path)) {
    if (blob === undefined) deletions.add(version.commit)
    else if (!skipping) found.push({ ...version, blob, children: children.filter(id => !deletions.has(id)) })
    if (skipping) skipping = version.commit !== after![0]
    if (found.length > limit) break
  }
  const { items, nextToken } = page(found, limit, ({ commit }) => [commit])
  const revisionDag = await Promise.all(
    items.map(async ({ commit, blob, children }) => ({
      commit: commitShape((await directory.commit(commit))!),
      blobId: blob,
      path,
      revisionChildren: [...children],
    })),
  )
  return { revisionDag, ...(nextToken && { nextToken }) }
}
