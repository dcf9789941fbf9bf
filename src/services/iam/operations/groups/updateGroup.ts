// UpdateGroup: another name or path.

import type { Handler } from '../../../../operation/handler.ts'
import { alreadyExists, insertOr } from '../../errors.ts'
import { needIdentity, renameIdentity } from '../../identities.ts'

export const updateGroup: Handler<'iam', 'UpdateGroup'> = async (
  { tx, scope },
  { GroupName, NewGroupName, NewPath },
) => {
  const group = await needIdentity(tx, scope.account, 'group', GroupName)
  const name = NewGroupName ?? group.name
  await insertOr(
    () => tx.nested(() => renameIdentity(tx, group.id, name, NewPath ?? group.path)),
    () => alreadyExists('group', name),
  )
  return {}
}
