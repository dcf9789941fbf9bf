// Managed policies of an account: rows with versions, of which one is in force; AWS's own are a table beside them.

import type { Tx } from '../../../store/tx.ts'
import { encodedDocument } from '../arns.ts'
import { fail } from '../errors.ts'
import type { Tag } from '../tags.ts'
import { awsManagedPolicies } from './awsManaged.ts'
import type { ManagedPolicy } from './managedPolicy.ts'

export interface PolicyRow extends ManagedPolicy {
  readonly account: string
  readonly next_version: number
}

export interface VersionRow {
  readonly version: number
  readonly document: string
  readonly created_at: Date
}

export const isAwsManaged = (arn: string) => arn.startsWith('arn:aws:iam::aws:policy/')

export async function findPolicy(tx: Tx, account: string, arn: string): Promise<ManagedPolicy | undefined> {
  return isAwsManaged(arn) ? awsManagedPolicies().get(arn) : findOwnPolicy(tx, account, arn)
}

export const findOwnPolicy = (tx: Tx, account: string, arn: string) => tx.one<PolicyRow>`
  select p.*, v.document from iam.policies p join iam.policy_versions v on v.arn = p.arn and v.version = p.default_version
  where p.arn = ${arn} and p.account = ${account}`

export async function needPolicy(tx: Tx, account: string, arn: string): Promise<ManagedPolicy> {
  return (await findPolicy(tx, account, arn)) ?? fail('NoSuchEntityException', `Policy ${arn} was not found.`)
}

/** A policy of the account itself, locked: AWS's own cannot be changed. */
export async function needOwnPolicy(tx: Tx, account: string, arn: string): Promise<PolicyRow> {
  if (isAwsManaged(arn)) return fail('AccessDenied', `AWS managed policy ${arn} cannot be changed.`, { status: 403 })
  await tx.run`select 1 from iam.policies where arn = ${arn} for update`
  return (await findOwnPolicy(tx, account, arn)) ?? fail('NoSuchEntityException', `Policy ${arn} was not found.`)
}

/** For attaching and for boundaries. AWS: "Policy x does not exist or is not attachable." */
export async function needAttachable(tx: Tx, account: string, arn: string): Promise<ManagedPolicy> {
  return (
    (await findPolicy(tx, account, arn)) ??
    fail('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`)
  )
}

export const insertPolicy = (tx: Tx, row: Omit<PolicyRow, 'updated_at' | 'next_version' | 'default_version'>) => tx.run`
  with policy as (
    insert into iam.policies (arn, id, account, name, path, description, created_at, updated_at, default_version, next_version, tags)
    values (${row.arn}, ${row.id}, ${row.account}, ${row.name}, ${row.path}, ${row.description}, ${row.created_at}, ${row.created_at}, 1, 2, ${JSON.stringify(row.tags)})
    returning arn, created_at)
  insert into iam.policy_versions (arn, version, document, created_at) select arn, 1, ${row.document}::text, created_at from policy`

export const insertVersion = (tx: Tx, { arn, next_version }: PolicyRow, document: string, now: Date) => tx.run`
  with bumped as (update iam.policies set next_version = next_version + 1, updated_at = ${now} where arn = ${arn})
  insert into iam.policy_versions (arn, version, document, created_at) values (${arn}, ${next_version}, ${document}, ${now})`

export const setDefaultVersion = (tx: Tx, arn: string, version: number, now: Date) =>
  tx.run`update iam.policies set default_version = ${version}, updated_at = ${now} where arn = ${arn}`

export const versionsOf = (tx: Tx, arn: string) =>
  tx.rows<VersionRow>`select version, document, created_at from iam.policy_versions where arn = ${arn} order by version desc`

export const findVersion = (tx: Tx, arn: string, version: number) =>
  tx.one<VersionRow>`select version, document, created_at from iam.policy_versions where arn = ${arn} and version = ${version}`

export const deleteVersion = (tx: Tx, arn: string, version: number) =>
  tx.run`delete from iam.policy_versions where arn = ${arn} and version = ${version}`

export const deletePolicyRow = (tx: Tx, arn: string) => tx.run`delete from iam.policies where arn = ${arn}`

export const savePolicyTags = (tx: Tx, arn: string, tags: readonly Tag[]) =>
  tx.run`update iam.policies set tags = ${JSON.stringify(tags)} where arn = ${arn}`

export const ownPolicies = (tx: Tx, account: string, after: string, limit: number) => tx.rows<PolicyRow>`
  select p.*, v.document from iam.policies p join iam.policy_versions v on v.arn = p.arn and v.version = p.default_version
  where p.account = ${account} and p.arn > ${after} order by p.arn limit ${limit}`

/** `v3` as a number; 0, which no version has, for other texts. */
export const versionNumber = (id: string) => (/^v[1-9]\d*$/.test(id) ? Number(id.slice(1)) : 0)

export const versionShape = ({ version, created_at }: Omit<VersionRow, 'document'>, inForce: number) => ({
  VersionId: `v${version}`,
  IsDefaultVersion: version === inForce,
  CreateDate: created_at,
})

export const fullVersionShape = (row: VersionRow, inForce: number) => ({
  ...versionShape(row, inForce),
  Document: encodedDocument(row.document),
})

export interface Usage {
  readonly attached: number
  readonly boundaries: number
}

/** Description and tags are shown by GetPolicy and CreatePolicy, not by lists. */
export const policyShape = (policy: ManagedPolicy, usage: Usage) => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: `v${policy.default_version}`,
  AttachmentCount: usage.attached,
  PermissionsBoundaryUsageCount: usage.boundaries,
  IsAttachable: true,
  CreateDate: policy.created_at,
  UpdateDate: policy.updated_at,
})

export const fullPolicyShape = (policy: ManagedPolicy, usage: Usage) => ({
  ...policyShape(policy, usage),
  ...(policy.description ? { Description: policy.description } : {}),
  ...(policy.tags.length > 0 ? { Tags: [...policy.tags] } : {}),
})
