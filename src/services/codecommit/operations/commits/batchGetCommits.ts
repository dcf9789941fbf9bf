// Many commits at once.

import { isObjectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { commitShape } from '../../commits.ts'
import { refuse } from '../../errors.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

/** AWS: at most 100 ids; one that is wrong is an entry of `errors`, not a failure. */
const MOST = 100

export const batchGetCommits: Handler<'codecommit', 'BatchGetCommits'> = async (
  call,
  { repositoryName, commitIds },
) => {
  if (commitIds.length === 0) refuse('CommitIdsListRequiredException')
  if (commitIds.length > MOST) refuse('CommitIdsLimitExceededException')
  const directory = await directoryOf(call.config, await requireRepository(call, repositoryName))
  const found = await Promise.all(commitIds.map(async id => ({ id, commit: await directory.commit(id) })))
  return {
    commits: found.flatMap(({ commit }) => (commit ? [commitShape(commit)] : [])),
    errors: found
      .filter(({ commit }) => !commit)
      .map(({ id }) =>
        isObjectId(id)
          ? {
              commitId: id,
              errorCode: 'CommitIdDoesNotExistException',
              errorMessage: 'The specified commit ID does not exist.',
            }
          : {
              commitId: id,
              errorCode: 'InvalidCommitIdException',
              errorMessage: 'The specified commit ID is not valid.',
            },
      ),
  }
}
