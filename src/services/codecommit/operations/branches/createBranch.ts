// A branch at a commit that is there.

import { isBranchName, isObjectId, ZERO_ID } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { changeReferences } from '../../changeReferences.ts'
import { fail, refuse } from '../../errors.ts'
import { branchRef, branchTip } from '../../references.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const createBranch: Handler<'codecommit', 'CreateBranch'> = async (
  call,
  { repositoryName, branchName, commitId },
) => {
  if (!isBranchName(branchName)) refuse('InvalidBranchNameException')
  if (!isObjectId(commitId)) refuse('InvalidCommitIdException')
  const repository = await requireRepository(call, repositoryName)
  const exists = (): never =>
    fail('BranchNameExistsException', `Branch ${branchName} already exists in repository ${repositoryName}`)
  if ((await branchTip(call.tx, repository.id, branchName)) !== undefined) exists()
  const head = await (await directoryOf(call.config, repository)).head(commitId)
  if (head?.type !== 'commit') refuse('CommitDoesNotExistException')
  const [result] = await changeReferences(call, repository.id, [
    { name: branchRef(branchName), old: ZERO_ID, new: commitId, type: 'commit' },
  ])
  if (result?.status === 'rejected') {
    if ((await branchTip(call.tx, repository.id, branchName)) !== undefined) exists()
    fail('InvalidBranchNameException', `${branchName} ${result.reason}`)
  }
  return {}
}
