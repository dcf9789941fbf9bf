// The SQL of dashboards: they belong to the account, in all regions.

import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'

export interface DashboardRow {
  readonly name: string
  /** JSON as it was given. */
  readonly body: string
  readonly tags: Readonly<Record<string, string>>
  readonly modified_at: Date
}

const COLUMNS = sql`name, body, tags, modified_at`

export function findDashboard(tx: Tx, { account }: Scope, name: string): Promise<DashboardRow | undefined> {
  return tx.one<DashboardRow>`
    select ${COLUMNS} from cloudwatch.dashboards where account = ${account} and name = ${name}`
}

export async function saveDashboard(tx: Tx, { account }: Scope, row: DashboardRow): Promise<void> {
  await tx.run`
    insert into cloudwatch.dashboards (account, ${COLUMNS})
    values (${account}, ${row.name}, ${row.body}, ${JSON.stringify(row.tags)}, ${row.modified_at})
    on conflict (account, name) do update
      set body = excluded.body, tags = excluded.tags, modified_at = excluded.modified_at`
}

/** Names of those that were there. */
export async function deleteDashboards(tx: Tx, { account }: Scope, names: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ name: string }>`
    delete from cloudwatch.dashboards where account = ${account} and name = any(${names}::text[]) returning name`
  return rows.map(row => row.name)
}

/** One page in order of name, one row more than `limit` when there are more. */
export function listDashboards(
  tx: Tx,
  { account }: Scope,
  { prefix, after, limit }: { prefix: string; after: string; limit: number },
): Promise<(Omit<DashboardRow, 'body' | 'tags'> & { size: number })[]> {
  return tx.rows`
    select name, modified_at, octet_length(body)::int as size from cloudwatch.dashboards
    where account = ${account} and starts_with(name, ${prefix}) and name > ${after}
    order by name limit ${limit + 1}`
}
