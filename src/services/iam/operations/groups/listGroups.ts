// ListGroups and ListGroupsForUser, by name.

import type { Handler } from '../../../../operation/handler.ts'
import { groupShape, listIdentities, needIdentity } from '../../identities.ts'
import { groupsOf } from '../../memberships.ts'
import { listed } from '../../pages.ts'

export const listGroups: Handler<'iam', 'ListGroups'> = async ({ tx, scope }, input) => {
  const { items, rest } = listed(await listIdentities(tx, scope.account, 'group', input), input, row => row.name)
  return { Groups: items.map(groupShape), ...rest }
}

export const listGroupsForUser: Handler<'iam', 'ListGroupsForUser'> = async ({ tx, scope }, input) => {
  const user = await needIdentity(tx, scope.account, 'user', input.UserName)
  const { items, rest } = listed(await groupsOf(tx, user.id, input), input, row => row.name)
  return { Groups: items.map(groupShape), ...rest }
}
