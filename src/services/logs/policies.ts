// Resource policies of an account and region: who besides the account's own principals may write logs.

import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs'
import { parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'

export interface PolicyRow {
  name: string
  document: string
  updated_at: Date
}

export function listPolicies(tx: Tx, { account, region }: Scope, after = '', limit = 1000) {
  return tx.rows<PolicyRow>`
    select name, document, updated_at from logs.resource_policies
    where account = ${account} and region = ${region} and name > ${after} order by name limit ${limit}`
}

export const putPolicy = (tx: Tx, { account, region }: Scope, { name, document, updated_at }: PolicyRow) =>
  tx.run`
    insert into logs.resource_policies (account, region, name, document, updated_at)
    values (${account}, ${region}, ${name}, ${document}, ${updated_at})
    on conflict (account, region, name) do update set document = excluded.document, updated_at = excluded.updated_at`

export const deletePolicy = (tx: Tx, { account, region }: Scope, name: string) =>
  tx.run`delete from logs.resource_policies where account = ${account} and region = ${region} and name = ${name}`

export const toResourcePolicy = (row: PolicyRow): ResourcePolicy => ({
  policyName: row.name,
  policyDocument: row.document,
  lastUpdatedTime: row.updated_at.getTime(),
})

/** All statements of the policies that guard `arn`, as one document; undefined when there is none. */
export async function policyFor(tx: Tx, arn: string): Promise<string | undefined> {
  const { account, region } = parseArn(arn) ?? {}
  if (!account || !region) return undefined
  const rows = await listPolicies(tx, { account, region })
  if (rows.length === 0) return undefined
  const statements = rows.flatMap(row => JSON.parse(row.document).Statement ?? [])
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
