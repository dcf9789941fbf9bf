// The commit at the tip of a branch.

import { isBranchName } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, refuse } from '../../errors.ts'
import { branchTip } from '../../references.ts'
import { requireRepository } from '../../repositories.ts'

export const getBranch: Handler<'codecommit', 'GetBranch'> = async (call, { repositoryName, branchName }) => {
  if (repositoryName === undefined) return refuse('RepositoryNameRequiredException')
  if (branchName === undefined) return refuse('BranchNameRequiredException')
  if (!isBranchName(branchName)) refuse('InvalidBranchNameException')
  const repository = await requireRepository(call, repositoryName)
  const commitId = await branchTip(call.tx, repository.id, branchName)
  if (commitId === undefined) fail('BranchDoesNotExistException', `Branch ${branchName} does not exist`)
  return { branch: { branchName, commitId } }
}
