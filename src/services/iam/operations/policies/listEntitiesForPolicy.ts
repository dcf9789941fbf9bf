// ListEntitiesForPolicy: the users, groups and roles that a managed policy is attached to, or limits.

import type { Handler } from '../../../../operation/handler.ts'
import type { Kind } from '../../kinds.ts'
import { usersOfPolicy } from '../../managed/attachments.ts'
import { needPolicy } from '../../managed/policies.ts'
import { listed } from '../../pages.ts'

const KINDS: Record<string, Kind> = { User: 'user', Group: 'group', Role: 'role' }

export const listEntitiesForPolicy: Handler<'iam', 'ListEntitiesForPolicy'> = async ({ tx, scope }, input) => {
  const { PolicyArn, EntityFilter, PathPrefix = '/', PolicyUsageFilter } = input
  await needPolicy(tx, scope.account, PolicyArn)
  const rows = await usersOfPolicy(tx, scope.account, PolicyArn, PolicyUsageFilter === 'PermissionsBoundary', input)
  const { items, rest } = listed(rows, input, row => row.id)
  const kind = EntityFilter && KINDS[EntityFilter]
  const shown = items.filter(row => (!EntityFilter || row.kind === kind) && row.path.startsWith(PathPrefix))
  const of = (wanted: Kind) => shown.filter(row => row.kind === wanted)
  return {
    PolicyUsers: of('user').map(row => ({ UserName: row.name, UserId: row.id })),
    PolicyGroups: of('group').map(row => ({ GroupName: row.name, GroupId: row.id })),
    PolicyRoles: of('role').map(row => ({ RoleName: row.name, RoleId: row.id })),
    ...rest,
  }
}
