// The sentence about a repository.

import type { Handler } from '../../../../operation/handler.ts'
import { requireRepository } from '../../repositories.ts'

/** An empty or absent description removes it. */
export const updateRepositoryDescription: Handler<'codecommit', 'UpdateRepositoryDescription'> = async (
  call,
  { repositoryName, repositoryDescription },
) => {
  const repository = await requireRepository(call, repositoryName)
  await call.tx.run`
    update codecommit.repositories set description = ${repositoryDescription || undefined}, modified_at = ${call.now}
    where id = ${repository.id}`
  return {}
}
