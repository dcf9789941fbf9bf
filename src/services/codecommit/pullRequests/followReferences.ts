// What a change of references means for open pull requests: a new revision when the source moved, closed when a branch went, merged when
// the source's commits came to the destination.

import { type Repository, ZERO_ID } from '../../../git/index.ts'
import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import type { RepositoryRow } from '../repositories.ts'
import { directoryOf } from '../store.ts'
import { announcePullRequest } from './announce.ts'
import { record } from './history.ts'
import {
  close,
  closeMerged,
  lockOpenAround,
  moveDestination,
  moveSource,
  type PullRequestRow,
  requirePullRequest,
} from './pullRequests.ts'
import { currentMergeBase, mergeMetadata } from './shape.ts'

interface Moved {
  readonly name: string
  readonly old: string
  readonly new: string
}

/** The repository's row is held, the references are changed, the objects are there. */
export async function followReferences(
  call: Call,
  repository: RepositoryRow,
  changes: readonly Moved[],
): Promise<void> {
  const moves = new Map(changes.filter(({ name }) => name.startsWith('refs/heads/')).map(move => [move.name, move]))
  if (moves.size === 0) return
  const found = await lockOpenAround(call.tx, repository.id, [...moves.keys()])
  if (found.length === 0) return
  const rows = found.map(row => ({ ...row, repository_name: repository.name }))
  const directory = await directoryOf(call.config, repository)
  const sourceOf = (row: PullRequestRow) => moves.get(row.source_reference)?.new ?? row.source_commit
  const arrived = await arrivals(directory, rows, moves, sourceOf)
  const stay: PullRequestRow[] = []
  for (const row of rows) {
    const source = moves.get(row.source_reference)
    const destination = moves.get(row.destination_reference)
    // AWS: closed when the source or the destination branch is deleted [how-to-close-pull-request].
    if (source?.new === ZERO_ID || destination?.new === ZERO_ID) {
      await closeUnmerged(call, row)
      continue
    }
    if (source) await updateSource(call, directory, row, source.new)
    if (!destination) continue
    if (arrived.has(row.number)) await mergedByPush(call, row)
    else stay.push(row)
  }
  for (const { name, new: tip } of moves.values()) {
    const numbers = stay.filter(row => row.destination_reference === name).map(({ number }) => number)
    await moveDestination(call.tx, repository, numbers, tip)
  }
}

/**
 * Numbers of the pull requests whose source commit came to their destination.
 * AWS: a push to the destination closes the pull request as merged "if the pull request is merged using the fast-forward merge
 * strategy" [how-to-merge-pull-request]: the commit is on the destination's own line, not on that of a merge's second parent.
 */
async function arrivals(
  directory: Repository,
  rows: readonly PullRequestRow[],
  moves: ReadonlyMap<string, Moved>,
  sourceOf: (row: PullRequestRow) => string,
): Promise<Set<number>> {
  const arrived = new Set<number>()
  for (const { name, old, new: tip } of moves.values()) {
    if (old === ZERO_ID || tip === ZERO_ID) continue
    const waiting = rows.filter(row => row.destination_reference === name)
    const wanted = new Set(waiting.map(sourceOf))
    if (wanted.size === 0) continue
    for await (const commit of directory.newFirstParents(old, tip)) {
      if (!wanted.delete(commit)) continue
      for (const row of waiting) if (sourceOf(row) === commit) arrived.add(row.number)
      if (wanted.size === 0) break
    }
  }
  return arrived
}

const again = (call: Call, { number }: PullRequestRow) => requirePullRequest(call, String(number))

/** Closes an open pull request without a merge, with its record and its event. */
export async function closeUnmerged(call: Call, row: PullRequestRow): Promise<void> {
  await close(call, row, await currentMergeBase(call, row))
  await record(call, row, 'PULL_REQUEST_STATUS_CHANGED', {
    pullRequestStatusChangedEventMetadata: { pullRequestStatus: 'CLOSED' },
  })
  await announcePullRequest(call, await again(call, row), { event: 'pullRequestStatusChanged' })
}

async function updateSource(call: Call, directory: Repository, row: PullRequestRow, sourceCommit: string) {
  const destinationCommit = row.destination_commit
  const mergeBase = (await directory.mergeBase(destinationCommit, sourceCommit)) ?? null
  await moveSource(call, row, { sourceCommit, destinationCommit, mergeBase })
  await record(call, row, 'PULL_REQUEST_SOURCE_REFERENCE_UPDATED', {
    pullRequestSourceReferenceUpdatedEventMetadata: {
      repositoryName: row.repository_name,
      beforeCommitId: destinationCommit,
      afterCommitId: sourceCommit,
      ...(mergeBase !== null && { mergeBase }),
    },
  })
  await announcePullRequest(call, await again(call, row), { event: 'pullRequestSourceBranchUpdated' })
}

async function mergedByPush(call: Call, before: PullRequestRow): Promise<void> {
  const row = await again(call, before)
  await closeMerged(call, row, {
    mergedBy: principalArn(call.principal),
    option: 'FAST_FORWARD_MERGE',
    mergeBase: await currentMergeBase(call, row),
  })
  await announceMerge(call, row)
}

/** The record and the event of a merge that was just written into the row. */
export async function announceMerge(call: Call, before: PullRequestRow): Promise<PullRequestRow> {
  const row = await again(call, before)
  await record(call, row, 'PULL_REQUEST_MERGE_STATE_CHANGED', {
    pullRequestMergedStateChangedEventMetadata: {
      repositoryName: row.repository_name,
      destinationReference: row.destination_reference,
      mergeMetadata: mergeMetadata(row),
    },
  })
  await announcePullRequest(call, row, { event: 'pullRequestMergeStatusUpdated' })
  return row
}
