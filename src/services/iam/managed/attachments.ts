// Which managed policies are attached to whom, and how often each is used.

import type { Tx } from '../../../store/tx.ts'
import type { RoleRow } from '../identities.ts'
import { after, limitOf, type PageInput } from '../pages.ts'
import type { Usage } from './policies.ts'

export const attach = (tx: Tx, identityId: string, arn: string) =>
  tx.run`insert into iam.attachments (identity_id, policy_arn) values (${identityId}, ${arn}) on conflict do nothing`

export const detach = (tx: Tx, identityId: string, arn: string) =>
  tx.run`delete from iam.attachments where identity_id = ${identityId} and policy_arn = ${arn}`

export const attachedArns = (tx: Tx, identityId: string) =>
  tx.rows<{
    policy_arn: string
  }>`select policy_arn from iam.attachments where identity_id = ${identityId} order by policy_arn`

export const attachedPage = (tx: Tx, identityId: string, prefix: string | undefined, input: PageInput) =>
  tx.rows<{ policy_arn: string }>`
    select policy_arn from iam.attachments where identity_id = ${identityId} and policy_arn > ${after(input)}
      and starts_with(regexp_replace(policy_arn, '^[^/]*', ''), ${prefix ?? '/'})
    order by policy_arn limit ${limitOf(input) + 1}`

/** By ARN; those that nobody uses are absent. */
export async function usageOf(tx: Tx, account: string, arns: readonly string[]): Promise<Map<string, Usage>> {
  const rows = await tx.rows<{ arn: string; attached: number; boundaries: number }>`
    select arn, sum(attached)::int as attached, sum(boundaries)::int as boundaries from (
      select a.policy_arn as arn, 1 as attached, 0 as boundaries from iam.attachments a join iam.identities i on i.id = a.identity_id
        where i.account = ${account} and a.policy_arn = any(${arns}::text[])
      union all
      select boundary, 0, 1 from iam.identities where account = ${account} and boundary = any(${arns}::text[])
    ) uses group by arn`
  return new Map(rows.map(row => [row.arn, row]))
}

export const UNUSED: Usage = { attached: 0, boundaries: 0 }

/** Who has the policy attached, or as a boundary. */
export const usersOfPolicy = (tx: Tx, account: string, arn: string, asBoundary: boolean, input: PageInput) =>
  asBoundary
    ? tx.rows<RoleRow>`
        select * from iam.identities where account = ${account} and boundary = ${arn} and id > ${after(input)} order by id limit ${limitOf(input) + 1}`
    : tx.rows<RoleRow>`
        select i.* from iam.attachments a join iam.identities i on i.id = a.identity_id
        where i.account = ${account} and a.policy_arn = ${arn} and i.id > ${after(input)} order by i.id limit ${limitOf(input) + 1}`
