// The SQL of report groups, and their wire shape.

import type { ReportExportConfig, ReportGroup, Tag } from '@aws-sdk/client-codebuild'
import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import type { ReportType } from '../../reports/report.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { fail } from './errors.ts'

export interface ReportGroupRow {
  readonly name: string
  readonly type: ReportType
  readonly export_config: ReportExportConfig
  readonly tags: readonly Tag[]
  readonly created_at: Date
  readonly modified_at: Date
}

export const reportGroupArn = (scope: Scope, name: string) => formatArn('codebuild', scope, `report-group/${name}`)

/** The name in a report group's ARN; undefined when the text is none, or one of elsewhere. */
export function reportGroupName(scope: Scope, arn: string): string | undefined {
  const parsed = parseArn(arn)
  const [, name] = /^report-group\/([^/:]+)$/.exec(parsed?.resource ?? '') ?? []
  return name && arn === reportGroupArn(scope, name) ? name : undefined
}

/** The same for operations on one group: fails with InvalidInputException. */
export const requireGroupName = (scope: Scope, arn: string): string =>
  reportGroupName(scope, arn) ?? fail('InvalidInputException', `Invalid report group ARN: ${arn}`)

const COLUMNS = sql`name, type, export_config, tags, created_at, modified_at`

/** Answers false when there is one of that name. */
export async function insertGroup(tx: Tx, { account, region }: Scope, row: ReportGroupRow): Promise<boolean> {
  const inserted = await tx.run`
    insert into codebuild.report_groups (account, region, name, type, export_config, tags, created_at, modified_at)
    values (${account}, ${region}, ${row.name}, ${row.type}, ${JSON.stringify(row.export_config)}, ${JSON.stringify(row.tags)},
            ${row.created_at}, ${row.modified_at})
    on conflict do nothing`
  return inserted === 1
}

export function findGroup(tx: Tx, { account, region }: Scope, name: string): Promise<ReportGroupRow | undefined> {
  return tx.one<ReportGroupRow>`
    select ${COLUMNS} from codebuild.report_groups where account = ${account} and region = ${region} and name = ${name}`
}

export function findGroups(tx: Tx, { account, region }: Scope, names: readonly string[]): Promise<ReportGroupRow[]> {
  return tx.rows<ReportGroupRow>`
    select ${COLUMNS} from codebuild.report_groups
    where account = ${account} and region = ${region} and name = any(${names}::text[])`
}

export async function saveGroup(tx: Tx, { account, region }: Scope, row: ReportGroupRow): Promise<void> {
  await tx.run`
    update codebuild.report_groups
    set export_config = ${JSON.stringify(row.export_config)}, tags = ${JSON.stringify(row.tags)}, modified_at = ${row.modified_at}
    where account = ${account} and region = ${region} and name = ${row.name}`
}

/** Its reports go with it. */
export async function deleteGroup(tx: Tx, { account, region }: Scope, name: string): Promise<void> {
  await tx.run`delete from codebuild.report_groups where account = ${account} and region = ${region} and name = ${name}`
}

export const groupShape = (scope: Scope, row: ReportGroupRow): ReportGroup => ({
  arn: reportGroupArn(scope, row.name),
  name: row.name,
  type: row.type,
  exportConfig: row.export_config,
  created: row.created_at,
  lastModified: row.modified_at,
  tags: [...row.tags],
  status: 'ACTIVE',
})

// AWS: packaging defaults to NONE, the key to the account's for S3 [S3ReportExportConfig].
/** The export with AWS's defaults; fails with InvalidInputException when it can not be. */
export function checkedExport(scope: Scope, given: ReportExportConfig): ReportExportConfig {
  if (given.exportConfigType !== 'S3') {
    if (given.s3Destination) {
      fail('InvalidInputException', 'Invalid export config: s3Destination is only for the export type S3')
    }
    return { exportConfigType: 'NO_EXPORT' }
  }
  const destination = given.s3Destination
  if (!destination?.bucket) {
    return fail(
      'InvalidInputException',
      'Invalid export config: the export type S3 needs the bucket of an s3Destination',
    )
  }
  const encryptionKey = destination.encryptionKey ?? formatArn('kms', scope, 'alias/aws/s3')
  return {
    exportConfigType: 'S3',
    s3Destination: {
      ...destination,
      packaging: destination.packaging ?? 'NONE',
      ...(destination.encryptionDisabled ? {} : { encryptionKey }),
    },
  }
}
