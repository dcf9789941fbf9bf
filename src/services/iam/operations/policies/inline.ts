// Inline policies: Put, Get, Delete and List for users, groups and roles, which differ only in their sizes.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { encodedDocument } from '../../arns.ts'
import { checkedPolicy, fail, policySize } from '../../errors.ts'
import { needIdentity } from '../../identities.ts'
import { deleteInline, findInline, listInline, otherInline, putInline } from '../../inlinePolicies.ts'
import type { Kind } from '../../kinds.ts'
import { listed, type PageInput } from '../../pages.ts'
import { needOwnRole } from '../roles/updateRole.ts'

/** AWS: the inline policies of one identity together, without whitespace [IAM user guide, "IAM and AWS STS quotas"]. */
const LARGEST: Record<Kind, number> = { user: 2048, group: 5120, role: 10_240 }

type Named = { readonly PolicyName: string }

const need = (call: Call, kind: Kind, name: string) =>
  kind === 'role' ? needOwnRole(call, name) : needIdentity(call.tx, call.scope.account, kind, name)

async function put(call: Call, kind: Kind, name: string, input: Named & { readonly PolicyDocument: string }) {
  const document = checkedPolicy(input.PolicyDocument, 'identity')
  const { id } = await need(call, kind, name)
  const others = await otherInline(call.tx, id, input.PolicyName)
  const size = [document, ...others.map(other => other.document)].reduce((sum, text) => sum + policySize(text), 0)
  if (size > LARGEST[kind])
    fail('LimitExceededException', `Maximum policy size of ${LARGEST[kind]} bytes exceeded for ${kind} ${name}`)
  await putInline(call.tx, id, { name: input.PolicyName, document })
  return {}
}

async function get({ tx, scope }: Call, kind: Kind, name: string, { PolicyName }: Named) {
  const { id } = await needIdentity(tx, scope.account, kind, name)
  const found = (await findInline(tx, id, PolicyName)) ?? unknown(kind, PolicyName)
  return { PolicyName, PolicyDocument: encodedDocument(found.document) }
}

async function remove(call: Call, kind: Kind, name: string, { PolicyName }: Named) {
  const { id } = await need(call, kind, name)
  if (!(await deleteInline(call.tx, id, PolicyName))) unknown(kind, PolicyName)
  return {}
}

async function list({ tx, scope }: Call, kind: Kind, name: string, input: PageInput) {
  const { id } = await needIdentity(tx, scope.account, kind, name)
  const { items, rest } = listed(await listInline(tx, id, input), input, row => row.name)
  return { PolicyNames: items.map(row => row.name), ...rest }
}

const unknown = (kind: Kind, name: string): never =>
  fail('NoSuchEntityException', `The ${kind} policy with name ${name} cannot be found.`)

export const putUserPolicy: Handler<'iam', 'PutUserPolicy'> = (call, input) => put(call, 'user', input.UserName, input)
export const putGroupPolicy: Handler<'iam', 'PutGroupPolicy'> = (call, input) =>
  put(call, 'group', input.GroupName, input)
export const putRolePolicy: Handler<'iam', 'PutRolePolicy'> = (call, input) => put(call, 'role', input.RoleName, input)

export const getUserPolicy: Handler<'iam', 'GetUserPolicy'> = async (call, input) => ({
  UserName: input.UserName,
  ...(await get(call, 'user', input.UserName, input)),
})
export const getGroupPolicy: Handler<'iam', 'GetGroupPolicy'> = async (call, input) => ({
  GroupName: input.GroupName,
  ...(await get(call, 'group', input.GroupName, input)),
})
export const getRolePolicy: Handler<'iam', 'GetRolePolicy'> = async (call, input) => ({
  RoleName: input.RoleName,
  ...(await get(call, 'role', input.RoleName, input)),
})

export const deleteUserPolicy: Handler<'iam', 'DeleteUserPolicy'> = (call, input) =>
  remove(call, 'user', input.UserName, input)
export const deleteGroupPolicy: Handler<'iam', 'DeleteGroupPolicy'> = (call, input) =>
  remove(call, 'group', input.GroupName, input)
export const deleteRolePolicy: Handler<'iam', 'DeleteRolePolicy'> = (call, input) =>
  remove(call, 'role', input.RoleName, input)

export const listUserPolicies: Handler<'iam', 'ListUserPolicies'> = (call, input) =>
  list(call, 'user', input.UserName, input)
export const listGroupPolicies: Handler<'iam', 'ListGroupPolicies'> = (call, input) =>
  list(call, 'group', input.GroupName, input)
export const listRolePolicies: Handler<'iam', 'ListRolePolicies'> = (call, input) =>
  list(call, 'role', input.RoleName, input)
