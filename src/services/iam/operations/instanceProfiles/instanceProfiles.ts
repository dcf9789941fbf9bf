// Instance profiles: create, read, delete.

import { BASE32 } from '../../../../core/ids.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, insertOr } from '../../errors.ts'
import { needIdentity } from '../../identities.ts'
import {
  deleteProfile,
  insertProfile,
  listProfiles,
  needProfile,
  profileShape,
  profilesOfRole,
} from '../../instanceProfiles.ts'
import { listed } from '../../pages.ts'
import { checkTags } from '../../tags.ts'

export const createInstanceProfile: Handler<'iam', 'CreateInstanceProfile'> = async (
  { tx, scope, ids, now },
  input,
) => {
  const { InstanceProfileName: name, Path: path = '/' } = input
  const profile = {
    id: `AIPA${ids.text(17, BASE32)}`,
    account: scope.account,
    name,
    path,
    created_at: now,
    tags: checkTags(input.Tags),
  }
  await insertOr(
    () => tx.nested(() => insertProfile(tx, profile)),
    () => fail('EntityAlreadyExistsException', `Instance Profile ${name} already exists.`),
  )
  return { InstanceProfile: profileShape({ ...profile, role_id: null, role: null }) }
}

export const getInstanceProfile: Handler<'iam', 'GetInstanceProfile'> = async (
  { tx, scope },
  { InstanceProfileName },
) => ({
  InstanceProfile: profileShape(await needProfile(tx, scope.account, InstanceProfileName)),
})

export const deleteInstanceProfile: Handler<'iam', 'DeleteInstanceProfile'> = async (
  { tx, scope },
  { InstanceProfileName },
) => {
  const { id, role_id } = await needProfile(tx, scope.account, InstanceProfileName)
  if (role_id) fail('DeleteConflictException', 'Cannot delete entity, must remove roles from instance profile first.')
  await deleteProfile(tx, id)
  return {}
}

export const listInstanceProfiles: Handler<'iam', 'ListInstanceProfiles'> = async ({ tx, scope }, input) => {
  const { items, rest } = listed(await listProfiles(tx, scope.account, input.PathPrefix, input), input, row => row.name)
  return { InstanceProfiles: items.map(profileShape), ...rest }
}

export const listInstanceProfilesForRole: Handler<'iam', 'ListInstanceProfilesForRole'> = async (
  { tx, scope },
  input,
) => {
  const role = await needIdentity(tx, scope.account, 'role', input.RoleName)
  const { items, rest } = listed(await profilesOfRole(tx, role.id, input), input, row => row.name)
  return { InstanceProfiles: items.map(profileShape), ...rest }
}
