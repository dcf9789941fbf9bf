// Tags of managed policies and instance profiles.

import type { Handler } from '../../../../operation/handler.ts'
import { needProfile, saveProfileTags } from '../../instanceProfiles.ts'
import { needOwnPolicy, needPolicy, savePolicyTags } from '../../managed/policies.ts'
import { mergeTags, removeTags } from '../../tags.ts'
import { tagPage } from './tagIdentity.ts'

export const tagPolicy: Handler<'iam', 'TagPolicy'> = async ({ tx, scope }, { PolicyArn, Tags }) => {
  const { tags } = await needOwnPolicy(tx, scope.account, PolicyArn)
  await savePolicyTags(tx, PolicyArn, mergeTags(tags, Tags))
  return {}
}

export const untagPolicy: Handler<'iam', 'UntagPolicy'> = async ({ tx, scope }, { PolicyArn, TagKeys }) => {
  const { tags } = await needOwnPolicy(tx, scope.account, PolicyArn)
  await savePolicyTags(tx, PolicyArn, removeTags(tags, TagKeys))
  return {}
}

export const listPolicyTags: Handler<'iam', 'ListPolicyTags'> = async ({ tx, scope }, input) =>
  tagPage((await needPolicy(tx, scope.account, input.PolicyArn)).tags, input)

export const tagInstanceProfile: Handler<'iam', 'TagInstanceProfile'> = async (
  { tx, scope },
  { InstanceProfileName, Tags },
) => {
  const { id, tags } = await needProfile(tx, scope.account, InstanceProfileName)
  await saveProfileTags(tx, id, mergeTags(tags, Tags))
  return {}
}

export const untagInstanceProfile: Handler<'iam', 'UntagInstanceProfile'> = async (
  { tx, scope },
  { InstanceProfileName, TagKeys },
) => {
  const { id, tags } = await needProfile(tx, scope.account, InstanceProfileName)
  await saveProfileTags(tx, id, removeTags(tags, TagKeys))
  return {}
}

export const listInstanceProfileTags: Handler<'iam', 'ListInstanceProfileTags'> = async ({ tx, scope }, input) =>
  tagPage((await needProfile(tx, scope.account, input.InstanceProfileName)).tags, input)
