// ListUsers, by name.

import type { Handler } from '../../../../operation/handler.ts'
import { listIdentities, userShape } from '../../identities.ts'
import { listed } from '../../pages.ts'

export const listUsers: Handler<'iam', 'ListUsers'> = async ({ tx, scope }, input) => {
  const { items, rest } = listed(await listIdentities(tx, scope.account, 'user', input), input, row => row.name)
  return { Users: items.map(userShape), ...rest }
}
