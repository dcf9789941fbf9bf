// Moves a branch to a commit that contains it.

import type { Handler } from '../../../../operation/handler.ts'
import { refuse } from '../../errors.ts'
import { moveBranch, targetBranch } from '../../mergeBranches.ts'
import { sidesOf } from '../../merging.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const mergeBranchesByFastForward: Handler<'codecommit', 'MergeBranchesByFastForward'> = async (call, input) => {
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const branch = await targetBranch(call, repository, input)
  const sides = await sidesOf(call, repository, directory, input)
  if (sides.base.id !== sides.destination.id) refuse('ManualMergeRequiredException')
  const { id: commitId, tree: treeId } = sides.source
  await moveBranch(call, repository, branch, { sides, commitId, detail: { mergeOption: 'FAST_FORWARD_MERGE' } })
  return { commitId, treeId }
}
