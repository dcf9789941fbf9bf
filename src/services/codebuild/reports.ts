// The SQL of reports and what is in them, and their wire shapes.

import type { CodeCoverage, Report, ReportExportConfig, TestCase } from '@aws-sdk/client-codebuild'
import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import type { PutCodeCoverage, PutTestCase, UpdateReportInput } from '../../operation/internalCodeBuild.ts'
import type { ReportType } from '../../reports/report.ts'
import { percentage } from '../../reports/summary.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { fail } from './errors.ts'
import { reportGroupArn } from './reportGroups.ts'

export interface ReportKey {
  readonly group_name: string
  readonly id: string
}

export interface ReportRow extends ReportKey {
  readonly execution: string
  readonly type: ReportType
  readonly status: 'GENERATING' | 'SUCCEEDED' | 'FAILED' | 'INCOMPLETE'
  readonly created_at: Date
  readonly expires_at: Date
  readonly export_config: ReportExportConfig
  readonly truncated: boolean
  readonly summary: (UpdateReportInput['testSummary'] & UpdateReportInput['codeCoverageSummary']) | null
}

export const reportArn = (scope: Scope, { group_name, id }: ReportKey) =>
  formatArn('codebuild', scope, `report/${group_name}:${id}`)

/** What a report's ARN names; undefined when the text is none, or one of elsewhere. */
export function reportKey(scope: Scope, arn: string): ReportKey | undefined {
  const [, group, id] =
    /^report\/([^/:]+):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(parseArn(arn)?.resource ?? '') ?? []
  if (!group || !id) return undefined
  const key = { group_name: group, id }
  return arn === reportArn(scope, key) ? key : undefined
}

export const requireReportKey = (scope: Scope, arn: string): ReportKey =>
  reportKey(scope, arn) ?? fail('InvalidInputException', `Invalid report ARN: ${arn}`)

const COLUMNS = sql`group_name, id, execution, type, status, created_at, expires_at, export_config, truncated, summary`

/** A new report, or the one that the same build made under the same token, emptied. */
export async function openReport(
  tx: Tx,
  { account, region }: Scope,
  row: Omit<ReportRow, 'status' | 'truncated' | 'summary'> & { readonly token: string },
): Promise<ReportRow> {
  const opened = await tx.one<ReportRow>`
    insert into codebuild.reports (account, region, group_name, id, execution, token, type, status, created_at, expires_at, export_config)
    values (${account}, ${region}, ${row.group_name}, ${row.id}, ${row.execution}, ${row.token}, ${row.type}, 'GENERATING',
            ${row.created_at}, ${row.expires_at}, ${JSON.stringify(row.export_config)})
    on conflict (account, region, execution, token) do update set status = 'GENERATING', truncated = false, summary = null
    returning ${COLUMNS}`
  const { group_name, id } = opened!
  if (id !== row.id) {
    await tx.run`
      delete from codebuild.report_cases
      where account = ${account} and region = ${region} and group_name = ${group_name} and report = ${id}`
    await tx.run`
      delete from codebuild.report_coverages
      where account = ${account} and region = ${region} and group_name = ${group_name} and report = ${id}`
  }
  return opened!
}

export async function putCases(tx: Tx, { account, region }: Scope, key: ReportKey, cases: readonly PutTestCase[]) {
  await tx.run`
    insert into codebuild.report_cases (account, region, group_name, report, position, prefix, suite, name, status, duration, message, raw_path)
    select ${account}, ${region}, ${key.group_name}, ${key.id}::uuid,
      (select coalesce(max(position), 0) from codebuild.report_cases
       where account = ${account} and region = ${region} and group_name = ${key.group_name} and report = ${key.id}::uuid) + at,
      one->>'prefix', one->>'testSuiteName', one->>'name', one->>'status', (one->>'durationInNanoSeconds')::bigint,
      one->>'message', one->>'testRawDataPath'
    from jsonb_array_elements(${JSON.stringify(cases)}::jsonb) with ordinality as given (one, at)`
}

export async function putCoverages(
  tx: Tx,
  { account, region }: Scope,
  key: ReportKey,
  files: readonly PutCodeCoverage[],
) {
  const rows = files.map(file => ({ ...file, percentage: percentage(file.linesCovered, file.linesMissed) }))
  await tx.run`
    insert into codebuild.report_coverages (account, region, group_name, report, path, lines_covered, lines_missed,
      branches_covered, branches_missed, line_percentage)
    select ${account}, ${region}, ${key.group_name}, ${key.id}::uuid, one->>'filePath', (one->>'linesCovered')::bigint,
      (one->>'linesMissed')::bigint, (one->>'branchesCovered')::bigint, (one->>'branchesMissed')::bigint,
      (one->>'percentage')::double precision
    from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) as given (one)`
}

/** Answers false when there is no such report. */
export async function closeReport(
  tx: Tx,
  { account, region }: Scope,
  key: ReportKey,
  { status, truncated, testSummary, codeCoverageSummary }: UpdateReportInput,
): Promise<boolean> {
  const summary = testSummary ?? codeCoverageSummary
  const updated = await tx.run`
    update codebuild.reports
    set status = ${status}, truncated = ${truncated}, summary = coalesce(${summary ? JSON.stringify(summary) : null}::jsonb, summary)
    where account = ${account} and region = ${region} and group_name = ${key.group_name} and id = ${key.id}::uuid`
  return updated === 1
}

export function findReports(tx: Tx, { account, region }: Scope, keys: readonly ReportKey[]): Promise<ReportRow[]> {
  return tx.rows<ReportRow>`
    select ${COLUMNS} from codebuild.reports
    where account = ${account} and region = ${region}
      and (group_name, id) in (select * from unnest(${keys.map(key => key.group_name)}::text[], ${keys.map(key => key.id)}::uuid[]))`
}

export const findReport = async (tx: Tx, scope: Scope, key: ReportKey) => (await findReports(tx, scope, [key]))[0]

export async function deleteReport(tx: Tx, { account, region }: Scope, key: ReportKey): Promise<void> {
  await tx.run`
    delete from codebuild.reports
    where account = ${account} and region = ${region} and group_name = ${key.group_name} and id = ${key.id}::uuid`
}

export async function groupHasReports(tx: Tx, { account, region }: Scope, group: string): Promise<boolean> {
  return (
    (await tx.one`
      select 1 from codebuild.reports where account = ${account} and region = ${region} and group_name = ${group} limit 1`) !==
    undefined
  )
}

/** One page by time, one row more than `limit` when there are more. */
export function listReports(
  tx: Tx,
  { account, region }: Scope,
  {
    group,
    status,
    descending,
    after,
    limit,
  }: { group?: string; status?: string; descending: boolean; after?: readonly string[]; limit: number },
): Promise<(ReportRow & { key: string })[]> {
  const [key, id] = after ?? []
  const order = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  return tx.rows`
    select ${COLUMNS}, created_at::text as key from codebuild.reports
    where account = ${account} and region = ${region}
      ${group === undefined ? sql`` : sql`and group_name = ${group}`}
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${after ? sql`and (created_at, id) ${beyond} (${key}::timestamptz, ${id}::uuid)` : sql``}
    order by created_at ${order}, id ${order} limit ${limit + 1}`
}

/** ARNs of the reports of builds, by the builds' ARNs. */
export async function reportArnsOf(
  tx: Tx,
  scope: Scope,
  executions: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await tx.rows<ReportKey & { execution: string }>`
    select execution, group_name, id from codebuild.reports
    where account = ${scope.account} and region = ${scope.region} and execution = any(${executions}::text[])
    order by execution, created_at, token`
  const found = new Map<string, string[]>()
  for (const row of rows) found.set(row.execution, [...(found.get(row.execution) ?? []), reportArn(scope, row)])
  return found
}

interface CaseRow {
  readonly position: number
  readonly prefix: string
  readonly suite: string
  readonly name: string
  readonly status: string
  readonly duration: number
  readonly message: string
  readonly raw_path: string
}

export function listCases(
  tx: Tx,
  { account, region }: Scope,
  key: ReportKey,
  { status, keyword, after, limit }: { status?: string; keyword?: string; after?: number; limit: number },
): Promise<CaseRow[]> {
  return tx.rows<CaseRow>`
    select position, prefix, suite, name, status, duration, message, raw_path from codebuild.report_cases
    where account = ${account} and region = ${region} and group_name = ${key.group_name} and report = ${key.id}::uuid
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${keyword === undefined ? sql`` : sql`and (position(${keyword}::text in name) > 0 or position(${keyword}::text in prefix) > 0)`}
      ${after === undefined ? sql`` : sql`and position > ${after}`}
    order by position limit ${limit + 1}`
}

interface CoverageRow {
  readonly id: string
  readonly path: string
  readonly lines_covered: number
  readonly lines_missed: number
  readonly branches_covered: number
  readonly branches_missed: number
  readonly line_percentage: number
}

export function listCoverages(
  tx: Tx,
  { account, region }: Scope,
  key: ReportKey,
  {
    byPath,
    descending,
    least,
    most,
    after,
    limit,
  }: {
    byPath: boolean
    descending: boolean
    least?: number
    most?: number
    after?: readonly (string | number)[]
    limit: number
  },
): Promise<CoverageRow[]> {
  const column = byPath ? sql`path` : sql`line_percentage`
  const type = byPath ? sql`text` : sql`double precision`
  const order = descending ? sql`desc` : sql`asc`
  const beyond = descending ? sql`<` : sql`>`
  const [last, id] = after ?? []
  return tx.rows<CoverageRow>`
    select id, path, lines_covered, lines_missed, branches_covered, branches_missed, line_percentage
    from codebuild.report_coverages
    where account = ${account} and region = ${region} and group_name = ${key.group_name} and report = ${key.id}::uuid
      ${least === undefined ? sql`` : sql`and line_percentage >= ${least}`}
      ${most === undefined ? sql`` : sql`and line_percentage <= ${most}`}
      ${after ? sql`and (${column}, id) ${beyond} (${last}::${type}, ${id}::uuid)` : sql``}
    order by ${column} ${order}, id ${order} limit ${limit + 1}`
}

export function reportShape(scope: Scope, row: ReportRow): Report {
  const { summary } = row
  return {
    arn: reportArn(scope, row),
    type: row.type,
    // AWS: a report's name is its group's (examples of batch-get-reports).
    name: row.group_name,
    reportGroupArn: reportGroupArn(scope, row.group_name),
    executionId: row.execution,
    status: row.status,
    created: row.created_at,
    expired: row.expires_at,
    exportConfig: row.export_config,
    truncated: row.truncated,
    ...(summary && row.type === 'TEST' && { testSummary: summary }),
    ...(summary && row.type === 'CODE_COVERAGE' && { codeCoverageSummary: { ...summary, ...percentages(summary) } }),
  }
}

const percentages = (summary: NonNullable<UpdateReportInput['codeCoverageSummary']>) => ({
  lineCoveragePercentage: percentage(summary.linesCovered, summary.linesMissed),
  branchCoveragePercentage: percentage(summary.branchesCovered, summary.branchesMissed),
})

export const caseShape = (scope: Scope, report: ReportRow, row: CaseRow): TestCase => ({
  reportArn: reportArn(scope, report),
  testRawDataPath: row.raw_path,
  prefix: row.prefix,
  name: row.name,
  status: row.status,
  durationInNanoSeconds: row.duration,
  message: row.message,
  expired: report.expires_at,
  testSuiteName: row.suite,
})

export const coverageShape = (scope: Scope, report: ReportRow, row: CoverageRow): CodeCoverage => ({
  id: row.id,
  reportARN: reportArn(scope, report),
  filePath: row.path,
  lineCoveragePercentage: row.line_percentage,
  linesCovered: row.lines_covered,
  linesMissed: row.lines_missed,
  branchCoveragePercentage: percentage(row.branches_covered, row.branches_missed),
  branchesCovered: row.branches_covered,
  branchesMissed: row.branches_missed,
  expired: report.expires_at,
})
