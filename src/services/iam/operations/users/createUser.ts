// CreateUser: a user without any permission.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { alreadyExists, insertOr } from '../../errors.ts'
import { fullUserShape, ID_PREFIX, type IdentityRow, insertIdentity } from '../../identities.ts'
import { needAttachable } from '../../managed/policies.ts'
import { checkTags } from '../../tags.ts'

export const createUser: Handler<'iam', 'CreateUser'> = async ({ tx, scope, ids, now }, input) => {
  const { UserName: name, Path: path = '/', PermissionsBoundary: boundary = null } = input
  if (boundary) await needAttachable(tx, scope.account, boundary)
  const user: IdentityRow = {
    id: `${ID_PREFIX.user}${ids.text(17, BASE32)}`,
    account: scope.account,
    kind: 'user',
    name,
    path,
    created_at: now,
    boundary,
    tags: checkTags(input.Tags),
  }
  await insertOr(
    () => tx.nested(() => insertIdentity(tx, user)),
    () => alreadyExists('user', name),
  )
  return { User: fullUserShape(user) }
}
