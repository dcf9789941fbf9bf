// BatchGetReports: reports by ARN, in the order asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { findReports, reportArn, reportKey, reportShape } from '../../reports.ts'

export const batchGetReports: Handler<'codebuild', 'BatchGetReports'> = async (call, input) => {
  const keys = input.reportArns!.map(arn => reportKey(call.scope, arn)).filter(key => key !== undefined)
  const rows = await findReports(call.tx, call.scope, keys)
  const found = new Map(rows.map(row => [reportArn(call.scope, row), row]))
  return {
    reports: input.reportArns!.flatMap(arn => {
      const row = found.get(arn)
      return row ? [reportShape(call.scope, row)] : []
    }),
    reportsNotFound: input.reportArns!.filter(arn => !found.has(arn)),
  }
}
