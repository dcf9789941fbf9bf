// CreateGroup.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { alreadyExists, insertOr } from '../../errors.ts'
import { groupShape, ID_PREFIX, type IdentityRow, insertIdentity } from '../../identities.ts'

export const createGroup: Handler<'iam', 'CreateGroup'> = async (
  { tx, scope, ids, now },
  { GroupName, Path = '/' },
) => {
  const group: IdentityRow = {
    id: `${ID_PREFIX.group}${ids.text(17, BASE32)}`,
    account: scope.account,
    kind: 'group',
    name: GroupName,
    path: Path,
    created_at: now,
    boundary: null,
    tags: [],
  }
  await insertOr(
    () => tx.nested(() => insertIdentity(tx, group)),
    () => alreadyExists('group', GroupName),
  )
  return { Group: groupShape(group) }
}
