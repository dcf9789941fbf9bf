// A new name; the id, and with it the objects, stay.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { checkRepositoryName, findRepository, requireRepository } from '../../repositories.ts'

export const updateRepositoryName: Handler<'codecommit', 'UpdateRepositoryName'> = async (
  call,
  { oldName, newName },
) => {
  checkRepositoryName(newName)
  const repository = await requireRepository(call, oldName)
  if (await findRepository(call.tx, call.scope, newName)) {
    fail('RepositoryNameExistsException', `Repository named ${newName} already exists`)
  }
  await call.tx.run`
    update codecommit.repositories set name = ${newName}, modified_at = ${call.now} where id = ${repository.id}`
  return {}
}
