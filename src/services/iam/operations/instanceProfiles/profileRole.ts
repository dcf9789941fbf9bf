// AddRoleToInstanceProfile and RemoveRoleFromInstanceProfile: one role at a time.

import type { Handler } from '../../../../operation/handler.ts'
import { noSuch, overQuota } from '../../errors.ts'
import { needIdentity } from '../../identities.ts'
import { needProfile, setProfileRole } from '../../instanceProfiles.ts'
import { needOwnRole } from '../roles/updateRole.ts'

export const addRoleToInstanceProfile: Handler<'iam', 'AddRoleToInstanceProfile'> = async (
  call,
  { InstanceProfileName, RoleName },
) => {
  const role = await needOwnRole(call, RoleName)
  const profile = await needProfile(call.tx, call.scope.account, InstanceProfileName)
  if (profile.role_id) overQuota('InstanceSessionsPerInstanceProfile', 1)
  await setProfileRole(call.tx, profile.id, role.id)
  return {}
}

export const removeRoleFromInstanceProfile: Handler<'iam', 'RemoveRoleFromInstanceProfile'> = async (
  { tx, scope },
  input,
) => {
  const role = await needIdentity(tx, scope.account, 'role', input.RoleName)
  const profile = await needProfile(tx, scope.account, input.InstanceProfileName)
  if (profile.role_id !== role.id) noSuch('role', input.RoleName)
  await setProfileRole(tx, profile.id, null)
  return {}
}
