// AddUserToGroup and RemoveUserFromGroup.

import type { Handler } from '../../../../operation/handler.ts'
import { fail, overQuota } from '../../errors.ts'
import { needIdentity } from '../../identities.ts'
import { addMember, groupsOf, removeMember } from '../../memberships.ts'

const GROUPS_PER_USER = 10

export const addUserToGroup: Handler<'iam', 'AddUserToGroup'> = async ({ tx, scope }, { GroupName, UserName }) => {
  const group = await needIdentity(tx, scope.account, 'group', GroupName)
  const user = await needIdentity(tx, scope.account, 'user', UserName)
  const groups = await groupsOf(tx, user.id, {})
  if (!groups.some(({ id }) => id === group.id) && groups.length >= GROUPS_PER_USER)
    overQuota('GroupsPerUser', GROUPS_PER_USER)
  await addMember(tx, group.id, user.id)
  return {}
}

export const removeUserFromGroup: Handler<'iam', 'RemoveUserFromGroup'> = async (
  { tx, scope },
  { GroupName, UserName },
) => {
  const group = await needIdentity(tx, scope.account, 'group', GroupName)
  const user = await needIdentity(tx, scope.account, 'user', UserName)
  const removed = await removeMember(tx, group.id, user.id)
  if (!removed) fail('NoSuchEntityException', `User ${UserName} is not in group ${GroupName}.`)
  return {}
}
