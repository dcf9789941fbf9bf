// Applications: rows and their wire shape.

import type { ApplicationInfo } from '@aws-sdk/client-codedeploy'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import { noApplication } from './errors.ts'

export interface ApplicationRow {
  readonly id: string
  readonly name: string
  readonly compute_platform: 'Server'
  readonly created_at: Date
}

export async function findApplication(tx: Tx, scope: Scope, name: string | undefined): Promise<ApplicationRow> {
  const row = await tx.one<ApplicationRow>`
    select id, name, compute_platform, created_at from codedeploy.applications
    where account = ${scope.account} and region = ${scope.region} and name = ${name}`
  return row ?? noApplication(name)
}

export const findApplications = (tx: Tx, scope: Scope, names: readonly string[]) =>
  tx.rows<ApplicationRow>`
    select id, name, compute_platform, created_at from codedeploy.applications
    where account = ${scope.account} and region = ${scope.region} and name = any(${names}) order by name`

/** Answers false when the name is taken. */
export async function insertApplication(tx: Tx, scope: Scope, row: ApplicationRow): Promise<boolean> {
  const inserted = await tx.run`
    insert into codedeploy.applications (id, account, region, name, compute_platform, created_at)
    values (${row.id}, ${scope.account}, ${scope.region}, ${row.name}, ${row.compute_platform}, ${row.created_at})
    on conflict do nothing`
  return inserted === 1
}

export function applicationInfo(row: ApplicationRow): ApplicationInfo {
  return {
    applicationId: row.id,
    applicationName: row.name,
    createTime: row.created_at,
    linkedToGitHub: false,
    computePlatform: row.compute_platform,
  }
}
