// GetAccountSummary: how much of each there is, and how much there may be.

import type { Handler } from '../../../../operation/handler.ts'

const QUOTAS = {
  AccessKeysPerUserQuota: 2,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  AssumeRolePolicySizeQuota: 2048,
  GroupPolicySizeQuota: 5120,
  GroupsPerUserQuota: 10,
  PolicySizeQuota: 6144,
  RolePolicySizeQuota: 10_240,
  UserPolicySizeQuota: 2048,
  VersionsPerPolicyQuota: 5,
}

export const getAccountSummary: Handler<'iam', 'GetAccountSummary'> = async ({ tx, scope }) => {
  const { account } = scope
  const counts = await tx.one<Record<string, number>>`select
    (select count(*)::int from iam.identities where account = ${account} and kind = 'user') as "Users",
    (select count(*)::int from iam.identities where account = ${account} and kind = 'group') as "Groups",
    (select count(*)::int from iam.identities where account = ${account} and kind = 'role') as "Roles",
    (select count(*)::int from iam.policies where account = ${account}) as "Policies",
    (select count(*)::int from iam.policy_versions v join iam.policies p on p.arn = v.arn where p.account = ${account}) as "PolicyVersionsInUse",
    (select count(*)::int from iam.instance_profiles where account = ${account}) as "InstanceProfiles",
    (select count(*)::int from iam.access_keys where account = ${account} and user_id is null) as "AccountAccessKeysPresent"`
  return {
    SummaryMap: {
      ...QUOTAS,
      ...counts,
      MFADevices: 0,
      MFADevicesInUse: 0,
      AccountMFAEnabled: 0,
      Providers: 0,
      ServerCertificates: 0,
    },
  }
}
