// Managed policies on users, groups and roles: Attach, Detach, ListAttached.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, overQuota } from '../../errors.ts'
import { needIdentity } from '../../identities.ts'
import type { Kind } from '../../kinds.ts'
import { attach, attachedArns, attachedPage, detach } from '../../managed/attachments.ts'
import { needAttachable } from '../../managed/policies.ts'
import { listed, type PageInput } from '../../pages.ts'
import { needOwnRole } from '../roles/updateRole.ts'

// AWS: ten by default, "Cannot exceed quota for PoliciesPerRole: 10" [IAM user guide, "IAM and AWS STS quotas"]
const MOST = 10
const QUOTA: Record<Kind, string> = { user: 'PoliciesPerUser', group: 'PoliciesPerGroup', role: 'PoliciesPerRole' }

const need = (call: Call, kind: Kind, name: string) =>
  kind === 'role' ? needOwnRole(call, name) : needIdentity(call.tx, call.scope.account, kind, name)

async function attachTo(call: Call, kind: Kind, name: string, arn: string) {
  const { tx, scope } = call
  const { id } = await need(call, kind, name)
  await needAttachable(tx, scope.account, arn)
  const attached = await attachedArns(tx, id)
  if (attached.length >= MOST && !attached.some(row => row.policy_arn === arn)) overQuota(QUOTA[kind], MOST)
  await attach(tx, id, arn)
  return {}
}

async function detachFrom(call: Call, kind: Kind, name: string, arn: string) {
  const { id } = await need(call, kind, name)
  if (!(await detach(call.tx, id, arn))) fail('NoSuchEntityException', `Policy ${arn} was not found.`)
  return {}
}

async function list(
  { tx, scope }: Call,
  kind: Kind,
  name: string,
  input: PageInput & { PathPrefix?: string | undefined },
) {
  const { id } = await needIdentity(tx, scope.account, kind, name)
  const { items, rest } = listed(await attachedPage(tx, id, input.PathPrefix, input), input, row => row.policy_arn)
  const AttachedPolicies = items.map(({ policy_arn: arn }) => ({
    PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
    PolicyArn: arn,
  }))
  return { AttachedPolicies, ...rest }
}

export const attachUserPolicy: Handler<'iam', 'AttachUserPolicy'> = (call, input) =>
  attachTo(call, 'user', input.UserName, input.PolicyArn)
export const attachGroupPolicy: Handler<'iam', 'AttachGroupPolicy'> = (call, input) =>
  attachTo(call, 'group', input.GroupName, input.PolicyArn)
export const attachRolePolicy: Handler<'iam', 'AttachRolePolicy'> = (call, input) =>
  attachTo(call, 'role', input.RoleName, input.PolicyArn)

export const detachUserPolicy: Handler<'iam', 'DetachUserPolicy'> = (call, input) =>
  detachFrom(call, 'user', input.UserName, input.PolicyArn)
export const detachGroupPolicy: Handler<'iam', 'DetachGroupPolicy'> = (call, input) =>
  detachFrom(call, 'group', input.GroupName, input.PolicyArn)
export const detachRolePolicy: Handler<'iam', 'DetachRolePolicy'> = (call, input) =>
  detachFrom(call, 'role', input.RoleName, input.PolicyArn)

export const listAttachedUserPolicies: Handler<'iam', 'ListAttachedUserPolicies'> = (call, input) =>
  list(call, 'user', input.UserName, input)
export const listAttachedGroupPolicies: Handler<'iam', 'ListAttachedGroupPolicies'> = (call, input) =>
  list(call, 'group', input.GroupName, input)
export const listAttachedRolePolicies: Handler<'iam', 'ListAttachedRolePolicies'> = (call, input) =>
  list(call, 'role', input.RoleName, input)
