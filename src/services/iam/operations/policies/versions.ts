// Versions of managed policies: five at most, one in force.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import {
  deleteVersion,
  findVersion,
  fullVersionShape,
  insertVersion,
  isAwsManaged,
  needOwnPolicy,
  needPolicy,
  setDefaultVersion,
  versionNumber,
  versionShape,
  versionsOf,
} from '../../managed/policies.ts'
import { after, listed } from '../../pages.ts'
import { checkedManaged } from './createPolicy.ts'

const MOST = 5
const noVersion = (arn: string, id: string): never =>
  fail('NoSuchEntityException', `Policy ${arn} version ${id} does not exist or is not attachable.`)

export const createPolicyVersion: Handler<'iam', 'CreatePolicyVersion'> = async ({ tx, scope, now }, input) => {
  const policy = await needOwnPolicy(tx, scope.account, input.PolicyArn)
  const document = checkedManaged(input.PolicyDocument)
  if ((await versionsOf(tx, policy.arn)).length >= MOST) {
    fail(
      'LimitExceededException',
      `A managed policy can have up to ${MOST} versions. Before you create a new version, you must delete an existing version.`,
    )
  }
  await insertVersion(tx, policy, document, now)
  if (input.SetAsDefault) await setDefaultVersion(tx, policy.arn, policy.next_version, now)
  const inForce = input.SetAsDefault ? policy.next_version : policy.default_version
  return { PolicyVersion: versionShape({ version: policy.next_version, created_at: now }, inForce) }
}

export const getPolicyVersion: Handler<'iam', 'GetPolicyVersion'> = async ({ tx, scope }, { PolicyArn, VersionId }) => {
  const policy = await needPolicy(tx, scope.account, PolicyArn)
  const version = versionNumber(VersionId)
  // Of AWS's own policies only the version in force is known.
  const row = isAwsManaged(PolicyArn)
    ? version === policy.default_version && { version, document: policy.document, created_at: policy.updated_at }
    : await findVersion(tx, PolicyArn, version)
  return { PolicyVersion: fullVersionShape(row || noVersion(PolicyArn, VersionId), policy.default_version) }
}

export const listPolicyVersions: Handler<'iam', 'ListPolicyVersions'> = async ({ tx, scope }, input) => {
  const policy = await needPolicy(tx, scope.account, input.PolicyArn)
  const all = isAwsManaged(input.PolicyArn)
    ? [{ version: policy.default_version, created_at: policy.updated_at }]
    : await versionsOf(tx, input.PolicyArn)
  const from = Number(after(input) || Number.POSITIVE_INFINITY)
  const { items, rest } = listed(
    all.filter(row => row.version < from),
    input,
    row => String(row.version),
  )
  return { Versions: items.map(row => versionShape(row, policy.default_version)), ...rest }
}

export const setDefaultPolicyVersion: Handler<'iam', 'SetDefaultPolicyVersion'> = async ({ tx, scope, now }, input) => {
  const policy = await needOwnPolicy(tx, scope.account, input.PolicyArn)
  const version = versionNumber(input.VersionId)
  if (!(await findVersion(tx, policy.arn, version))) noVersion(policy.arn, input.VersionId)
  await setDefaultVersion(tx, policy.arn, version, now)
  return {}
}

export const deletePolicyVersion: Handler<'iam', 'DeletePolicyVersion'> = async ({ tx, scope }, input) => {
  const policy = await needOwnPolicy(tx, scope.account, input.PolicyArn)
  const version = versionNumber(input.VersionId)
  if (version === policy.default_version)
    fail('DeleteConflictException', 'Cannot delete the default version of a policy.')
  if (!(await deleteVersion(tx, policy.arn, version))) noVersion(policy.arn, input.VersionId)
  return {}
}
