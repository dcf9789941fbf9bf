// DescribeCodeCoverages: the files of a coverage report, by covered lines in percent or by path.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { coverageShape, findReport, listCoverages, requireReportKey } from '../../reports.ts'
import { ownerScope } from '../../sharing/owner.ts'

export const describeCodeCoverages: Handler<'codebuild', 'DescribeCodeCoverages'> = async (call, input) => {
  const { maxResults = PAGE_SIZE, minLineCoveragePercentage: least, maxLineCoveragePercentage: most } = input
  const scope = ownerScope(call.scope, input.reportArn!)
  const key = requireReportKey(scope, input.reportArn!)
  const report = await findReport(call.tx, scope, key)
  if (!report) return fail('InvalidInputException', `The provided report does not exist: ${input.reportArn}`)
  const byPath = input.sortBy !== 'LINE_COVERAGE_PERCENTAGE'
  const descending = input.sortOrder === 'DESCENDING'
  const order = `${key.id}|${byPath}|${descending}|${least ?? ''}|${most ?? ''}`
  const after = readToken(input.nextToken, order)
  const rows = await listCoverages(call.tx, scope, key, {
    byPath,
    descending,
    least,
    most,
    after,
    limit: maxResults,
  })
  const { items, nextToken } = page(rows, maxResults, row => [order, byPath ? row.path : row.line_percentage, row.id])
  return { codeCoverages: items.map(row => coverageShape(scope, report, row)), ...(nextToken && { nextToken }) }
}
