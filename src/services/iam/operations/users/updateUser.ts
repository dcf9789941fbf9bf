// UpdateUser: another name or path; id, keys and policies stay.

import type { Handler } from '../../../../operation/handler.ts'
import { alreadyExists, insertOr } from '../../errors.ts'
import { needIdentity, renameIdentity } from '../../identities.ts'

export const updateUser: Handler<'iam', 'UpdateUser'> = async ({ tx, scope }, { UserName, NewUserName, NewPath }) => {
  const user = await needIdentity(tx, scope.account, 'user', UserName)
  const name = NewUserName ?? user.name
  await insertOr(
    () => tx.nested(() => renameIdentity(tx, user.id, name, NewPath ?? user.path)),
    () => alreadyExists('user', name),
  )
  return {}
}
