// The SQL of projects.

import type { Project, Tag } from '@aws-sdk/client-codebuild'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { badgeUrl } from './badge.ts'
import { type ProjectDefinition, projectArn } from './definition.ts'
import type { Visibility } from './sharing/visibility.ts'
import { type WebhookRow, webhookShape } from './webhooks/webhooks.ts'

export interface ProjectRow {
  readonly name: string
  readonly id: string
  readonly definition: ProjectDefinition
  readonly tags: readonly Tag[]
  readonly created_at: Date
  readonly modified_at: Date
  readonly last_number: number
  readonly cache_generation: number
  readonly visibility?: Visibility
  readonly public_alias?: string | null
  readonly resource_access_role?: string | null
}

const COLUMNS = sql`name, id, definition, tags, created_at, modified_at, last_number, cache_generation, visibility,
  public_alias, resource_access_role`

/** Answers false when there is one of that name. */
export async function insertProject(tx: Tx, { account, region }: Scope, row: ProjectRow): Promise<boolean> {
  const inserted = await tx.run`
    insert into codebuild.projects (account, region, name, id, definition, tags, created_at, modified_at)
    values (${account}, ${region}, ${row.name}, ${row.id}, ${JSON.stringify(row.definition)}, ${JSON.stringify(row.tags)},
            ${row.created_at}, ${row.modified_at})
    on conflict do nothing`
  return inserted === 1
}

export function findProject(tx: Tx, { account, region }: Scope, name: string): Promise<ProjectRow | undefined> {
  return tx.one<ProjectRow>`
    select ${COLUMNS} from codebuild.projects where account = ${account} and region = ${region} and name = ${name}`
}

/** Takes the next build number; the row stays locked until the transaction ends. */
export function takeNumber(tx: Tx, { account, region }: Scope, name: string): Promise<ProjectRow | undefined> {
  return tx.one<ProjectRow>`
    update codebuild.projects set last_number = last_number + 1
    where account = ${account} and region = ${region} and name = ${name} returning ${COLUMNS}`
}

export function findProjects(tx: Tx, { account, region }: Scope, names: readonly string[]): Promise<ProjectRow[]> {
  return tx.rows<ProjectRow>`
    select ${COLUMNS} from codebuild.projects
    where account = ${account} and region = ${region} and name = any(${names}::text[])`
}

export async function updateProject(tx: Tx, { account, region }: Scope, row: ProjectRow): Promise<void> {
  await tx.run`
    update codebuild.projects set definition = ${JSON.stringify(row.definition)}, tags = ${JSON.stringify(row.tags)}, modified_at = ${row.modified_at}
    where account = ${account} and region = ${region} and name = ${row.name}`
}

/** Caches of builds so far are not found any more. Answers false when there is no such project. */
export async function raiseCacheGeneration(tx: Tx, { account, region }: Scope, name: string): Promise<boolean> {
  const raised = await tx.run`
    update codebuild.projects set cache_generation = cache_generation + 1
    where account = ${account} and region = ${region} and name = ${name}`
  return raised === 1
}

export async function deleteProject(tx: Tx, { account, region }: Scope, name: string): Promise<boolean> {
  const deleted = await tx.run`
    delete from codebuild.projects where account = ${account} and region = ${region} and name = ${name}`
  return deleted === 1
}

/** The project as AWS shows it; `endpoint` is where its badge is. */
export function projectShape(scope: Scope, row: ProjectRow, endpoint: string, webhook?: WebhookRow): Project {
  return {
    ...row.definition,
    name: row.name,
    arn: projectArn(scope, row.name),
    tags: [...row.tags],
    created: row.created_at,
    lastModified: row.modified_at,
    badge: row.definition.badgeEnabled
      ? { badgeEnabled: true, badgeRequestUrl: badgeUrl(endpoint, row.id, row.definition) }
      : { badgeEnabled: false },
    ...(webhook && { webhook: webhookShape(webhook) }),
    projectVisibility: row.visibility ?? 'PRIVATE',
    ...(row.visibility === 'PUBLIC_READ' && { publicProjectAlias: row.public_alias }),
    ...(row.resource_access_role && { resourceAccessRole: row.resource_access_role }),
  } as Project
}
