// GetReportGroupTrend: one number of each of the latest reports of a group, with average, maximum and minimum.

import type { ReportGroupTrendFieldType } from '@aws-sdk/client-codebuild'
import { assertNever } from '../../../../core/assertNever.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { percentage } from '../../../../reports/summary.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE } from '../../paging.ts'
import { findGroup, requireGroupName } from '../../reportGroups.ts'
import { listReports, type ReportRow, reportArn } from '../../reports.ts'

const TEST_FIELDS: readonly ReportGroupTrendFieldType[] = ['PASS_RATE', 'DURATION', 'TOTAL']

export const getReportGroupTrend: Handler<'codebuild', 'GetReportGroupTrend'> = async (call, input) => {
  const group = requireGroupName(call.scope, input.reportGroupArn!)
  const field = input.trendField!
  const row = await findGroup(call.tx, call.scope, group)
  if (!row)
    return fail('ResourceNotFoundException', `The provided report group does not exist: ${input.reportGroupArn}`)
  if (TEST_FIELDS.includes(field) !== (row.type === 'TEST')) {
    fail('InvalidInputException', `The trend field ${field} is not one of ${row.type} report groups`)
  }
  const limit = input.numOfReports ?? PAGE_SIZE
  const rows = (await listReports(call.tx, call.scope, { group, descending: true, limit })).slice(0, limit)
  const data = rows.flatMap(report => {
    const value = report.summary ? trendValue(field, report.summary) : undefined
    return value === undefined ? [] : [{ report, value }]
  })
  const values = data.map(({ value }) => value)
  const average = values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    ...(values.length > 0 && {
      stats: { average: text(average), max: text(Math.max(...values)), min: text(Math.min(...values)) },
    }),
    rawData: data.map(({ report, value }) => ({ reportArn: reportArn(call.scope, report), data: text(value) })),
  }
}

const text = (value: number) => String(Math.round(value * 100) / 100)

function trendValue(field: ReportGroupTrendFieldType, summary: NonNullable<ReportRow['summary']>): number {
  switch (field) {
    case 'PASS_RATE':
      return percentage(summary.statusCounts.SUCCEEDED ?? 0, summary.total - (summary.statusCounts.SUCCEEDED ?? 0))
    case 'DURATION':
      return summary.durationInNanoSeconds
    case 'TOTAL':
      return summary.total
    case 'LINE_COVERAGE':
      return percentage(summary.linesCovered, summary.linesMissed)
    case 'LINES_COVERED':
      return summary.linesCovered
    case 'LINES_MISSED':
      return summary.linesMissed
    case 'BRANCH_COVERAGE':
      return percentage(summary.branchesCovered, summary.branchesMissed)
    case 'BRANCHES_COVERED':
      return summary.branchesCovered
    case 'BRANCHES_MISSED':
      return summary.branchesMissed
    default:
      return assertNever(field)
  }
}
