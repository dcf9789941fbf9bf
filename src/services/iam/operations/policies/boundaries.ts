// Permission boundaries of users and roles: a managed policy that limits what their policies can give.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { needIdentity, saveBoundary } from '../../identities.ts'
import { needAttachable } from '../../managed/policies.ts'
import { needOwnRole } from '../roles/updateRole.ts'

const need = (call: Call, kind: 'user' | 'role', name: string) =>
  kind === 'role' ? needOwnRole(call, name) : needIdentity(call.tx, call.scope.account, kind, name)

async function put(call: Call, kind: 'user' | 'role', name: string, arn: string) {
  const { id } = await need(call, kind, name)
  await needAttachable(call.tx, call.scope.account, arn)
  await saveBoundary(call.tx, id, arn)
  return {}
}

async function remove(call: Call, kind: 'user' | 'role', name: string) {
  const { id, boundary } = await need(call, kind, name)
  if (!boundary) fail('NoSuchEntityException', `The ${kind} with name ${name} has no permissions boundary.`)
  await saveBoundary(call.tx, id, null)
  return {}
}

export const putUserPermissionsBoundary: Handler<'iam', 'PutUserPermissionsBoundary'> = (call, input) =>
  put(call, 'user', input.UserName, input.PermissionsBoundary)
export const putRolePermissionsBoundary: Handler<'iam', 'PutRolePermissionsBoundary'> = (call, input) =>
  put(call, 'role', input.RoleName, input.PermissionsBoundary)
export const deleteUserPermissionsBoundary: Handler<'iam', 'DeleteUserPermissionsBoundary'> = (call, input) =>
  remove(call, 'user', input.UserName)
export const deleteRolePermissionsBoundary: Handler<'iam', 'DeleteRolePermissionsBoundary'> = (call, input) =>
  remove(call, 'role', input.RoleName)
