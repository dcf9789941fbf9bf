// Repositories as rows: looked up by name in their scope, shown as CodeCommit's metadata.

import type { RepositoryMetadata } from '@aws-sdk/client-codecommit'
import { formatArn } from '../../core/arn.ts'
import type { Config } from '../../core/config.ts'
import type { Scope } from '../../core/scope.ts'
import type { CallContext } from '../../operation/call.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { fail, refuse } from './errors.ts'

export interface RepositoryRow {
  readonly id: string
  readonly account: string
  readonly region: string
  readonly name: string
  readonly description: string | null
  readonly default_branch: string | null
  readonly created_at: Date
  readonly modified_at: Date
  readonly ref_version: number
  readonly tags: Readonly<Record<string, string>>
  readonly triggers: readonly StoredTrigger[]
  readonly triggers_id: string | null
}

/** As PutRepositoryTriggers took it. */
export interface StoredTrigger {
  readonly name: string
  readonly destinationArn: string
  readonly customData: string
  readonly branches: readonly string[]
  readonly events: readonly string[]
}

/** AWS: names cannot end in .git (quotas). */
export function checkRepositoryName(name: string): void {
  if (!/^[\w.-]{1,100}$/.test(name) || name.endsWith('.git')) refuse('InvalidRepositoryNameException')
}

export function repositoryArn(scope: Scope, name: string): string {
  return formatArn('codecommit', scope, name)
}

export async function findRepository(tx: Tx, scope: Scope, name: string): Promise<RepositoryRow | undefined> {
  return tx.one<RepositoryRow>`
    select * from codecommit.repositories
    where account = ${scope.account} and region = ${scope.region} and name = ${name}`
}

/** The repository, or RepositoryDoesNotExistException. */
export async function requireRepository(
  call: Pick<CallContext, 'scope'> & { readonly tx: Tx },
  name: string | undefined,
): Promise<RepositoryRow> {
  if (name === undefined) return refuse('RepositoryNameRequiredException')
  checkRepositoryName(name)
  return (
    (await findRepository(call.tx, call.scope, name)) ??
    fail('RepositoryDoesNotExistException', `${name} does not exist`)
  )
}

/** Holds the row until the transaction ends: references of one repository change one transaction after the other. */
export async function lockRepository(tx: Tx, id: string): Promise<RepositoryRow | undefined> {
  return tx.one<RepositoryRow>`select * from codecommit.repositories where id = ${id} for update`
}

export async function findRepositories(tx: Tx, scope: Scope, names: readonly string[]): Promise<RepositoryRow[]> {
  return tx.rows<RepositoryRow>`
    select * from codecommit.repositories
    where account = ${scope.account} and region = ${scope.region} and name = any(${names}::text[])`
}

/** False when the name is taken. */
export async function insertRepository(
  tx: Tx,
  row: Pick<RepositoryRow, 'id' | 'account' | 'region' | 'name' | 'created_at' | 'tags'> & { description?: string },
): Promise<boolean> {
  const count = await tx.run`
    insert into codecommit.repositories (id, account, region, name, description, created_at, modified_at, tags)
    values (${row.id}, ${row.account}, ${row.region}, ${row.name}, ${row.description}, ${row.created_at},
            ${row.created_at}, ${JSON.stringify(row.tags)})
    on conflict (account, region, name) do nothing`
  return count === 1
}

export type SortBy = 'repositoryName' | 'lastModifiedDate'

export interface NameAndId {
  readonly id: string
  readonly name: string
  readonly modified_at: Date
}

/** `after` is the last row of the page before: its name, or its time and name. */
export async function listRepositories(
  tx: Tx,
  scope: Scope,
  {
    sortBy,
    descending,
    after,
    limit,
  }: { sortBy: SortBy; descending: boolean; after?: (string | number)[]; limit: number },
): Promise<NameAndId[]> {
  const past =
    after === undefined
      ? sql``
      : sortBy === 'repositoryName'
        ? descending
          ? sql`and name < ${after[0]}`
          : sql`and name > ${after[0]}`
        : descending
          ? sql`and (modified_at, name) < (${new Date(after[0]!)}, ${after[1]})`
          : sql`and (modified_at, name) > (${new Date(after[0]!)}, ${after[1]})`
  const order =
    sortBy === 'repositoryName'
      ? descending
        ? sql`name desc`
        : sql`name`
      : descending
        ? sql`modified_at desc, name desc`
        : sql`modified_at, name`
  return tx.rows<NameAndId>`
    select id, name, modified_at from codecommit.repositories
    where account = ${scope.account} and region = ${scope.region} ${past}
    order by ${order} limit ${limit}`
}

/** Only members that have a value, as AWS leaves the others out. */
export function metadata(row: RepositoryRow, config: Config): RepositoryMetadata {
  const { protocol, host, hostname } = new URL(config.endpoint)
  const path = `/v1/repos/${row.name}`
  return {
    accountId: row.account,
    repositoryId: row.id,
    repositoryName: row.name,
    ...(row.description !== null && { repositoryDescription: row.description }),
    ...(row.default_branch !== null && { defaultBranch: row.default_branch }),
    lastModifiedDate: row.modified_at,
    creationDate: row.created_at,
    cloneUrlHttp: `${protocol}//${host}${path}`,
    cloneUrlSsh: `ssh://${hostname}:${config.sshPort}${path}`,
    Arn: repositoryArn(row, row.name),
  }
}
