// The row goes now, the objects by a job, so that nothing is lost when the transaction fails.

import type { Handler } from '../../../../operation/handler.ts'
import { checkRepositoryName, findRepository } from '../../repositories.ts'

/** AWS: deleting what is not there succeeds, without an id in the answer. */
export const deleteRepository: Handler<'codecommit', 'DeleteRepository'> = async (call, { repositoryName }) => {
  checkRepositoryName(repositoryName)
  const repository = await findRepository(call.tx, call.scope, repositoryName)
  if (!repository) return {}
  await call.tx.run`delete from codecommit.repositories where id = ${repository.id}`
  await call.addJob('removeObjects', { repositoryId: repository.id })
  return { repositoryId: repository.id }
}
