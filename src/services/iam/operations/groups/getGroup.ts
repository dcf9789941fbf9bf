// GetGroup: the group and a page of its users.

import type { Handler } from '../../../../operation/handler.ts'
import { groupShape, needIdentity, userShape } from '../../identities.ts'
import { membersOf } from '../../memberships.ts'
import { listed } from '../../pages.ts'

export const getGroup: Handler<'iam', 'GetGroup'> = async ({ tx, scope }, input) => {
  const group = await needIdentity(tx, scope.account, 'group', input.GroupName)
  const { items, rest } = listed(await membersOf(tx, group.id, input), input, row => row.name)
  return { Group: groupShape(group), Users: items.map(userShape), ...rest }
}
