// One commit by its full id.

import { isObjectId } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { commitShape } from '../../commits.ts'
import { refuse } from '../../errors.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const getCommit: Handler<'codecommit', 'GetCommit'> = async (call, { repositoryName, commitId }) => {
  if (!isObjectId(commitId)) refuse('InvalidCommitIdException')
  const repository = await requireRepository(call, repositoryName)
  const commit = await (await directoryOf(call.config, repository)).commit(commitId)
  return { commit: commit ? commitShape(commit) : refuse('CommitIdDoesNotExistException') }
}
