// Which branch HEAD names.

import { isBranchName } from '../../../../git/index.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, refuse } from '../../errors.ts'
import { branchTip } from '../../references.ts'
import { lockRepository, requireRepository } from '../../repositories.ts'

export const updateDefaultBranch: Handler<'codecommit', 'UpdateDefaultBranch'> = async (
  call,
  { repositoryName, defaultBranchName },
) => {
  if (!isBranchName(defaultBranchName)) refuse('InvalidBranchNameException')
  const { id } = await requireRepository(call, repositoryName)
  await lockRepository(call.tx, id)
  if ((await branchTip(call.tx, id, defaultBranchName)) === undefined) {
    fail('BranchDoesNotExistException', `Branch ${defaultBranchName} does not exist`)
  }
  // HEAD is part of what git shows: the version grows with it.
  await call.tx.run`
    update codecommit.repositories
    set default_branch = ${defaultBranchName}, ref_version = ref_version + 1, modified_at = ${call.now}
    where id = ${id}`
  return {}
}
