// GetAccountAuthorizationDetails: users, groups, roles and the account's policies with all their documents, a page of identities at a time.

import type { Handler } from '../../../../operation/handler.ts'
import type { Tx } from '../../../../store/tx.ts'
import { encodedDocument } from '../../arns.ts'
import { fullRoleShape, fullUserShape, groupShape, type RoleRow } from '../../identities.ts'
import { type ProfileRow, profileShape } from '../../instanceProfiles.ts'
import { UNUSED, usageOf } from '../../managed/attachments.ts'
import { awsManagedPolicies } from '../../managed/awsManaged.ts'
import type { ManagedPolicy } from '../../managed/managedPolicy.ts'
import { fullVersionShape, ownPolicies, policyShape, type VersionRow } from '../../managed/policies.ts'
import { after, limitOf, listed } from '../../pages.ts'

interface Details extends RoleRow {
  readonly inline: readonly { name: string; document: string }[]
  readonly attached: readonly string[]
  readonly groups: readonly string[]
}

/** Everything of a page of identities in one query. */
const detailsPage = (
  tx: Tx,
  account: string,
  kinds: readonly string[],
  from: string,
  limit: number,
) => tx.rows<Details>`
  select i.*,
    (select coalesce(jsonb_agg(jsonb_build_object('name', p.name, 'document', p.document) order by p.name), '[]') from iam.inline_policies p where p.identity_id = i.id) as inline,
    (select coalesce(jsonb_agg(a.policy_arn order by a.policy_arn), '[]') from iam.attachments a where a.identity_id = i.id) as attached,
    (select coalesce(jsonb_agg(g.name order by g.name), '[]') from iam.memberships m join iam.identities g on g.id = m.group_id where m.user_id = i.id) as groups
  from iam.identities i where i.account = ${account} and i.kind = any(${kinds}::text[]) and i.id > ${from} order by i.id limit ${limit}`

const inlineList = ({ inline }: Details) =>
  inline.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodedDocument(document) }))
const attachedList = ({ attached }: Details) =>
  attached.map(arn => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }))

export const getAccountAuthorizationDetails: Handler<'iam', 'GetAccountAuthorizationDetails'> = async (
  { tx, scope },
  input,
) => {
  const filter: readonly string[] = input.Filter?.length
    ? input.Filter
    : ['User', 'Group', 'Role', 'LocalManagedPolicy', 'AWSManagedPolicy']
  const kinds = ['User', 'Group', 'Role'].filter(kind => filter.includes(kind)).map(kind => kind.toLowerCase())
  const { items, rest } = listed(
    await detailsPage(tx, scope.account, kinds, after(input), limitOf(input) + 1),
    input,
    row => row.id,
  )
  const of = (kind: string) => items.filter(row => row.kind === kind)
  const roles = of('role')
  const profiles = await tx.rows<ProfileRow>`
    select p.*, to_jsonb(r) as role from iam.instance_profiles p join iam.identities r on r.id = p.role_id
    where p.role_id = any(${roles.map(role => role.id)}::text[])`
  return {
    UserDetailList: of('user').map(row => ({
      ...fullUserShape(row),
      UserPolicyList: inlineList(row),
      GroupList: [...row.groups],
      AttachedManagedPolicies: attachedList(row),
    })),
    GroupDetailList: of('group').map(row => ({
      ...groupShape(row),
      GroupPolicyList: inlineList(row),
      AttachedManagedPolicies: attachedList(row),
    })),
    RoleDetailList: roles.map(row => ({
      ...fullRoleShape(row),
      InstanceProfileList: profiles.filter(profile => profile.role_id === row.id).map(profileShape),
      RolePolicyList: inlineList(row),
      AttachedManagedPolicies: attachedList(row),
    })),
    Policies: input.Marker === undefined ? await policyDetails(tx, scope.account, filter) : [],
    ...rest,
  }
}

const MOST = 1500 // AWS: customer managed policies in an account

async function policyDetails(tx: Tx, account: string, filter: readonly string[]) {
  const own = filter.includes('LocalManagedPolicy') ? await ownPolicies(tx, account, '', MOST) : []
  const attached = await tx.rows<{ arn: string }>`
    select distinct a.policy_arn as arn from iam.attachments a join iam.identities i on i.id = a.identity_id where i.account = ${account}`
  const theirs = filter.includes('AWSManagedPolicy')
    ? attached.flatMap(({ arn }) => awsManagedPolicies().get(arn) ?? [])
    : []
  const policies: ManagedPolicy[] = [...own, ...theirs]
  const usage = await usageOf(
    tx,
    account,
    policies.map(policy => policy.arn),
  )
  const versions = await tx.rows<VersionRow & { arn: string }>`
    select v.* from iam.policy_versions v join iam.policies p on p.arn = v.arn where p.account = ${account} order by v.version desc`
  return policies.map(policy => {
    const mine = versions.filter(version => version.arn === policy.arn)
    const shown =
      mine.length > 0
        ? mine
        : [{ version: policy.default_version, document: policy.document, created_at: policy.updated_at }]
    return {
      ...policyShape(policy, usage.get(policy.arn) ?? UNUSED),
      PolicyVersionList: shown.map(version => fullVersionShape(version, policy.default_version)),
    }
  })
}
