// CreateRole: who may assume it is its trust policy; what it may do comes with policies.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { alreadyExists, insertOr } from '../../errors.ts'
import { fullRoleShape, ID_PREFIX, insertIdentity, type RoleRow } from '../../identities.ts'
import { needAttachable } from '../../managed/policies.ts'
import { checkTags } from '../../tags.ts'
import { checkedTrust } from '../../trust.ts'

export const createRole: Handler<'iam', 'CreateRole'> = async ({ tx, scope, ids, now }, input) => {
  const { RoleName: name, PermissionsBoundary: boundary = null } = input
  if (boundary) await needAttachable(tx, scope.account, boundary)
  const role: RoleRow = {
    id: `${ID_PREFIX.role}${ids.text(17, BASE32)}`,
    account: scope.account,
    kind: 'role',
    name,
    path: input.Path ?? '/',
    created_at: now,
    boundary,
    tags: checkTags(input.Tags),
    trust: await checkedTrust(tx, scope.account, input.AssumeRolePolicyDocument),
    description: input.Description ?? null,
    max_session: input.MaxSessionDuration ?? 3600,
    service_linked: false,
    last_used_at: null,
    last_used_region: null,
  }
  await insertOr(
    () => tx.nested(() => insertIdentity(tx, role)),
    () => alreadyExists('role', name),
  )
  const { RoleLastUsed: _, ...shape } = fullRoleShape(role)
  return { Role: shape }
}
