// Log groups: their rows and the shape that callers see.

import type { LogGroup, LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import type { Scope } from '../../core/scope.ts'
import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { groupArn } from './arns.ts'
import { noSuchGroup } from './errors.ts'

export interface GroupRow {
  id: number
  name: string
  created_at: Date
  retention_days: number | null
  class: LogGroupClass
  deletion_protected: boolean
  tags: Record<string, string>
  kms_key_id: string | null
  /** What batches are encrypted with, in a group with a KMS key. */
  data_key: number | null
}

export interface ListedGroup extends GroupRow {
  stored_bytes: number
}

const COLUMNS = sql`id, name, created_at, retention_days, class, deletion_protected, tags, kms_key_id, data_key`

export async function findGroup(tx: Tx, { account, region }: Scope, name: string): Promise<GroupRow> {
  const row = await tx.one<GroupRow>`
    select ${COLUMNS} from logs.groups where account = ${account} and region = ${region} and name = ${name}`
  return row ?? noSuchGroup()
}

/** False when a group of that name is there. */
export async function insertGroup(
  tx: Tx,
  { account, region }: Scope,
  group: Pick<GroupRow, 'name' | 'created_at' | 'class' | 'deletion_protected' | 'tags'>,
): Promise<boolean> {
  const inserted = await tx.run`
    insert into logs.groups (account, region, name, created_at, class, deletion_protected, tags)
    values (${account}, ${region}, ${group.name}, ${group.created_at}, ${group.class}, ${group.deletion_protected},
            ${JSON.stringify(group.tags)})
    on conflict do nothing`
  return inserted === 1
}

export const deleteGroup = (tx: Tx, id: number) => tx.run`delete from logs.groups where id = ${id}`

export const setRetention = (tx: Tx, id: number, days: number | undefined) =>
  tx.run`update logs.groups set retention_days = ${days} where id = ${id}`

export const setProtection = (tx: Tx, id: number, protect: boolean) =>
  tx.run`update logs.groups set deletion_protected = ${protect} where id = ${id}`

export const setTags = (tx: Tx, id: number, tags: Record<string, string>) =>
  tx.run`update logs.groups set tags = ${JSON.stringify(tags)} where id = ${id}`

export interface GroupFilter {
  readonly prefix?: string | undefined
  readonly substring?: string | undefined
  readonly class?: LogGroupClass | undefined
  readonly names?: readonly string[] | undefined
  readonly after?: string | undefined
}

/** Groups in order of name, `limit` at most. */
export function listGroups(tx: Tx, { account, region }: Scope, filter: GroupFilter, limit: number) {
  const conditions: Sql[] = []
  if (filter.after !== undefined) conditions.push(sql`and name > ${filter.after}`)
  if (filter.prefix !== undefined) conditions.push(startsWith(filter.prefix))
  if (filter.substring !== undefined) conditions.push(sql`and position(${filter.substring} in name) > 0`)
  if (filter.class !== undefined) conditions.push(sql`and class = ${filter.class}`)
  if (filter.names !== undefined) conditions.push(sql`and name = any(${filter.names}::text[])`)
  const where = conditions.reduce((all, one) => sql`${all} ${one}`, sql``)
  return tx.rows<ListedGroup>`
    select ${COLUMNS},
           (select coalesce(sum(s.stored_bytes), 0)::bigint from logs.streams s where s.group_id = g.id) as stored_bytes
    from logs.groups g
    where account = ${account} and region = ${region} ${where}
    order by name limit ${limit}`
}

/** A condition on the "C"-collated column `name` that its index answers. */
export function startsWith(prefix: string): Sql {
  return sql`and name >= ${prefix} and name < ${`${prefix}\u{10ffff}`}`
}

export function toLogGroup(scope: Scope, row: ListedGroup): LogGroup {
  const arn = groupArn(scope, row.name)
  return {
    logGroupName: row.name,
    creationTime: row.created_at.getTime(),
    ...(row.retention_days !== null && { retentionInDays: row.retention_days }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: row.stored_bytes,
    logGroupClass: row.class,
    logGroupArn: arn,
    deletionProtectionEnabled: row.deletion_protected,
    ...(row.kms_key_id !== null && { kmsKeyId: row.kms_key_id }),
  }
}
