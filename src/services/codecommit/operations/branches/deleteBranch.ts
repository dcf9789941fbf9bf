// A branch goes unless it is the default one.

import { isBranchName, ZERO_ID } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { changeReferences } from '../../changeReferences.ts'
import { refuse } from '../../errors.ts'
import { branchRef, branchTip } from '../../references.ts'
import { lockRepository, requireRepository } from '../../repositories.ts'

/** AWS: deleting a branch that is not there succeeds and answers nothing (the model declares no exception for it). */
export const deleteBranch: Handler<'codecommit', 'DeleteBranch'> = async (call, { repositoryName, branchName }) => {
  if (!isBranchName(branchName)) refuse('InvalidBranchNameException')
  const { id } = await requireRepository(call, repositoryName)
  const repository = await lockRepository(call.tx, id)
  if (repository?.default_branch === branchName) refuse('DefaultBranchCannotBeDeletedException')
  const tip = await branchTip(call.tx, id, branchName)
  if (tip === undefined) return {}
  await changeReferences(call, id, [{ name: branchRef(branchName), old: tip, new: ZERO_ID }])
  return { deletedBranch: { branchName, commitId: tip } }
}
