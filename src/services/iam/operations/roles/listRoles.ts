// ListRoles, by name.

import type { Handler } from '../../../../operation/handler.ts'
import { listIdentities, roleShape } from '../../identities.ts'
import { listed } from '../../pages.ts'

export const listRoles: Handler<'iam', 'ListRoles'> = async ({ tx, scope }, input) => {
  const { items, rest } = listed(await listIdentities(tx, scope.account, 'role', input), input, row => row.name)
  return { Roles: items.map(roleShape), ...rest }
}
