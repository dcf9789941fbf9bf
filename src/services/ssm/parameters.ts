// Parameters and their versions: their rows.

import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm'
import type { Scope } from '../../core/scope.ts'
import { type Sql, sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { noSuchParameter } from './errors.ts'

export interface VersionRow {
  name: string
  version: number
  type: ParameterType
  /** Encrypted for SecureString. */
  value: string
  /** What opens the value; null when it is not encrypted. */
  sealed_by: 'masterKey' | 'kmsKey' | 'dataKey' | null
  data_type: string
  tier: ParameterTier
  key_id: string | null
  description: string | null
  allowed_pattern: string | null
  labels: string[]
  modified_at: Date
  modified_by: string
}

const COLUMNS = sql`v.name, v.version, v.type, v.value, v.sealed_by, v.data_type, v.tier, v.key_id, v.description, v.allowed_pattern,
  v.labels, v.modified_at, v.modified_by`

/** Locks the one of `names` that is there until the transaction ends. */
export async function lockParameter(tx: Tx, { account, region }: Scope, names: readonly string[]) {
  return tx.one<{ name: string; version: number; tags: Record<string, string> }>`
    select name, version, tags from ssm.parameters
    where account = ${account} and region = ${region} and name = any(${names}::text[]) order by name desc limit 1
    for update`
}

export async function requireLocked(tx: Tx, scope: Scope, names: readonly string[], asked: string) {
  return (await lockParameter(tx, scope, names)) ?? noSuchParameter(asked)
}

/** False when somebody else made it first. */
export async function insertParameter(
  tx: Tx,
  { account, region }: Scope,
  name: string,
  tags: Record<string, string>,
): Promise<boolean> {
  const count = await tx.run`
    insert into ssm.parameters (account, region, name, version, tags)
    values (${account}, ${region}, ${name}, 1, ${JSON.stringify(tags)}) on conflict do nothing`
  return count === 1
}

/** Adds a version and makes it the current one. */
export async function insertVersion(tx: Tx, { account, region }: Scope, row: Omit<VersionRow, 'labels'>) {
  await tx.run`
    insert into ssm.parameter_versions (account, region, name, version, type, value, sealed_by, data_type, tier, key_id,
      description, allowed_pattern, modified_at, modified_by)
    values (${account}, ${region}, ${row.name}, ${row.version}, ${row.type}, ${row.value}, ${row.sealed_by}, ${row.data_type},
      ${row.tier}, ${row.key_id}, ${row.description}, ${row.allowed_pattern}, ${row.modified_at}, ${row.modified_by})`
  await tx.run`
    update ssm.parameters set version = ${row.version}
    where account = ${account} and region = ${region} and name = ${row.name}`
}

export async function oldestVersion(tx: Tx, { account, region }: Scope, name: string) {
  return tx.one<{ version: number; labels: string[]; count: number }>`
    select version, labels, count(*) over () as count from ssm.parameter_versions
    where account = ${account} and region = ${region} and name = ${name} order by version limit 1`
}

export const deleteVersion = (tx: Tx, { account, region }: Scope, name: string, version: number) =>
  tx.run`
    delete from ssm.parameter_versions
    where account = ${account} and region = ${region} and name = ${name} and version = ${version}`

/** The current versions of those of `names` that are there. */
export const currentVersions = (tx: Tx, { account, region }: Scope, names: readonly string[]) =>
  tx.rows<VersionRow>`
    select ${COLUMNS} from ssm.parameters p join ssm.parameter_versions v using (account, region, name, version)
    where p.account = ${account} and p.region = ${region} and p.name = any(${names}::text[])`

/** Versions by number or by label: `name:3` and `name:label` as two lists of equal length. */
export const selectedVersions = (
  tx: Tx,
  { account, region }: Scope,
  names: readonly string[],
  selectors: readonly string[],
) =>
  tx.rows<VersionRow & { selector: string }>`
    select ${COLUMNS}, w.selector
    from unnest(${names}::text[], ${selectors}::text[]) as w (name, selector)
    join ssm.parameter_versions v on v.account = ${account} and v.region = ${region} and v.name = w.name collate "C"
      and (v.version::text = w.selector or w.selector = any(v.labels))`

export const historyOf = (tx: Tx, { account, region }: Scope, name: string, after: number, limit: number) =>
  tx.rows<VersionRow>`
    select ${COLUMNS} from ssm.parameter_versions v
    where account = ${account} and region = ${region} and name = ${name} and version > ${after}
    order by version limit ${limit}`

export interface Listing {
  readonly where: Sql
  /** Which version of each parameter: the current one without it. */
  readonly version?: Sql
  readonly after: string
  readonly limit: number
}

/** Parameters by name, as far as `where` (over `p` and `v`) lets them. */
export const listParameters = (tx: Tx, { account, region }: Scope, { where, version, after, limit }: Listing) =>
  tx.rows<VersionRow>`
    select ${COLUMNS} from ssm.parameters p
    join ssm.parameter_versions v on v.account = p.account and v.region = p.region and v.name = p.name
      and ${version ?? sql`v.version = p.version`}
    where p.account = ${account} and p.region = ${region} and p.name > ${after} and ${where}
    order by p.name limit ${limit}`

export interface DeletedRow {
  name: string
  type: ParameterType
  description: string | null
}

export async function deleteParameters(
  tx: Tx,
  { account, region }: Scope,
  names: readonly string[],
): Promise<DeletedRow[]> {
  const rows = await tx.rows<DeletedRow>`
    select v.name, v.type, v.description
    from ssm.parameters p join ssm.parameter_versions v using (account, region, name, version)
    where p.account = ${account} and p.region = ${region} and p.name = any(${names}::text[]) for update of p`
  await tx.run`
    delete from ssm.parameters
    where account = ${account} and region = ${region} and name = any(${rows.map(row => row.name)}::text[])`
  return rows
}

export const saveLabels = (
  tx: Tx,
  { account, region }: Scope,
  name: string,
  { version, labels }: { version: number; labels: readonly string[] },
) =>
  tx.run`
    update ssm.parameter_versions set labels = ${labels}::text[]
    where account = ${account} and region = ${region} and name = ${name} and version = ${version}`

export const saveTags = (tx: Tx, { account, region }: Scope, name: string, tags: Record<string, string>) =>
  tx.run`
    update ssm.parameters set tags = ${JSON.stringify(tags)}
    where account = ${account} and region = ${region} and name = ${name}`

export const tagsOf = (tx: Tx, { account, region }: Scope, name: string) =>
  tx.one<{ tags: Record<string, string> }>`
    select tags from ssm.parameters where account = ${account} and region = ${region} and name = ${name}`
