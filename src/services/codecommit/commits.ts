// Commits as CodeCommit shows them, and the commit that a specifier names.

import type { Commit as CommitShape } from '@aws-sdk/client-codecommit'
import type { Commit, Repository } from '../../git/index.ts'
import type { Call } from '../../operation/call.ts'
import { refuse } from './errors.ts'
import { resolveSpecifier } from './references.ts'
import type { RepositoryRow } from './repositories.ts'

export function commitShape(commit: Commit): CommitShape {
  return {
    commitId: commit.id,
    treeId: commit.tree,
    parents: [...commit.parents],
    message: commit.message,
    author: commit.author,
    committer: commit.committer,
    additionalData: commit.extra,
  }
}

/** The commit of a specifier, `HEAD` without one; InvalidCommitException or CommitDoesNotExistException. */
export async function requireCommit(
  call: Pick<Call, 'tx'>,
  repository: RepositoryRow,
  directory: Repository,
  specifier = 'HEAD',
): Promise<Commit> {
  const specified = await resolveSpecifier(call.tx, repository, specifier)
  if (specified === 'malformed') return refuse('InvalidCommitException')
  if (specified === 'unknown') return refuse('CommitDoesNotExistException')
  return (await directory.commit(specified.id)) ?? refuse('CommitDoesNotExistException')
}
