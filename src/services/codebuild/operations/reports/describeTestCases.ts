// DescribeTestCases: the cases of a report in the order of its files, by status or by a word in name or prefix.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { caseShape, findReport, listCases, requireReportKey } from '../../reports.ts'
import { ownerScope } from '../../sharing/owner.ts'

export const describeTestCases: Handler<'codebuild', 'DescribeTestCases'> = async (call, input) => {
  const { maxResults = PAGE_SIZE } = input
  const scope = ownerScope(call.scope, input.reportArn!)
  const key = requireReportKey(scope, input.reportArn!)
  const report = await findReport(call.tx, scope, key)
  if (!report) return fail('ResourceNotFoundException', `The provided report does not exist: ${input.reportArn}`)
  const { status, keyword } = input.filter ?? {}
  const order = `${key.id}|${status ?? ''}|${keyword ?? ''}`
  const [after] = readToken(input.nextToken, order) ?? []
  const rows = await listCases(call.tx, scope, key, {
    status,
    keyword,
    after: after === undefined ? undefined : Number(after),
    limit: maxResults,
  })
  const { items, nextToken } = page(rows, maxResults, row => [order, row.position])
  return { testCases: items.map(row => caseShape(scope, report, row)), ...(nextToken && { nextToken }) }
}
