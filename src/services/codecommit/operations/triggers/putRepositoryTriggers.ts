// Who is told of changes: all triggers of a repository at once.

import type { Handler } from '../../../../operation/handler.ts'
import { requireRepository } from '../../repositories.ts'
import { checkTriggers } from '../../triggers.ts'

/** Replaces all triggers; an empty list removes them. */
export const putRepositoryTriggers: Handler<'codecommit', 'PutRepositoryTriggers'> = async (
  call,
  { repositoryName, triggers },
) => {
  const checked = checkTriggers(call.scope, triggers)
  const repository = await requireRepository(call, repositoryName)
  const configurationId = call.ids.uuid()
  await call.tx.run`
    update codecommit.repositories set triggers = ${JSON.stringify(checked)}, triggers_id = ${configurationId}
    where id = ${repository.id}`
  return { configurationId }
}
