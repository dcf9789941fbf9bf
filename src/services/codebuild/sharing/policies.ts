// The SQL of resource policies, and of who is named in them.

import { parseArn } from '../../../core/arn.ts'
import type { Scope } from '../../../core/scope.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import { projectArn } from '../definition.ts'
import { reportGroupArn } from '../reportGroups.ts'

export type SharedKind = 'project' | 'report-group'

export interface SharedResource {
  readonly scope: Scope
  readonly kind: SharedKind
  readonly name: string
}

/** The project or report group that `arn` names; undefined for everything else. */
export function sharedResource(arn: string): SharedResource | undefined {
  const { service, account, region, resource } = parseArn(arn) ?? {}
  const [, kind, name] = /^(project|report-group)\/([^/:]+)$/.exec(resource ?? '') ?? []
  if (service !== 'codebuild' || !account || !region || !kind || !name) return undefined
  return { scope: { account, region }, kind: kind as SharedKind, name }
}

export async function findPolicy(
  tx: Tx,
  { scope: { account, region }, kind, name }: SharedResource,
): Promise<string | undefined> {
  const row = await tx.one<{ policy: string }>`
    select policy from codebuild.resource_policies
    where account = ${account} and region = ${region} and kind = ${kind} and name = ${name}`
  return row?.policy
}

export async function savePolicy(
  tx: Tx,
  { scope: { account, region }, kind, name }: SharedResource,
  { policy, consumers, now }: { policy: string; consumers: readonly string[]; now: Date },
): Promise<void> {
  await tx.run`
    insert into codebuild.resource_policies (account, region, kind, name, policy, modified_at)
    values (${account}, ${region}, ${kind}, ${name}, ${policy}, ${now})
    on conflict (account, region, kind, name) do update set policy = ${policy}, modified_at = ${now}`
  await tx.run`
    delete from codebuild.resource_shares
    where account = ${account} and region = ${region} and kind = ${kind} and name = ${name}`
  await tx.run`
    insert into codebuild.resource_shares (account, region, kind, name, consumer)
    select ${account}, ${region}, ${kind}, ${name}, consumer from unnest(${consumers}::text[]) as consumer`
}

/** With it go the entries in the consumers' lists. Deleting what is not there is fine. */
export async function deletePolicy(tx: Tx, { scope: { account, region }, kind, name }: SharedResource): Promise<void> {
  await tx.run`
    delete from codebuild.resource_policies
    where account = ${account} and region = ${region} and kind = ${kind} and name = ${name}`
}

export interface SharedRow {
  readonly account: string
  readonly name: string
  readonly key: string
}

/** One page of what other accounts share with any of `consumers`, one row more than `limit` when there are more. */
export function listShared(
  tx: Tx,
  { account, region }: Scope,
  {
    kind,
    consumers,
    byTime,
    descending,
    after,
    limit,
  }: {
    kind: SharedKind
    consumers: readonly string[]
    byTime: boolean
    descending: boolean
    after?: readonly string[]
    limit: number
  },
): Promise<SharedRow[]> {
  const column = byTime ? sql`policies.modified_at` : sql`policies.account`
  const type = byTime ? sql`timestamptz` : sql`text`
  const [key, owner, name] = after ?? []
  const order = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  const where = after
    ? sql`and (${column}, policies.account, policies.name) ${beyond} (${key}::${type}, ${owner}::text, ${name}::text)`
    : sql``
  return tx.rows<SharedRow>`
    select policies.account, policies.name, ${column}::text as key from codebuild.resource_policies as policies
    where policies.region = ${region} and policies.kind = ${kind} and policies.account <> ${account} ${where}
      and exists (
        select 1 from codebuild.resource_shares as shares
        where shares.account = policies.account and shares.region = policies.region and shares.kind = policies.kind
          and shares.name = policies.name and shares.consumer = any(${consumers}::text[]))
    order by ${column} ${order}, policies.account ${order}, policies.name ${order} limit ${limit + 1}`
}

export const sharedArn = ({ scope, kind, name }: SharedResource): string =>
  kind === 'project' ? projectArn(scope, name) : reportGroupArn(scope, name)
