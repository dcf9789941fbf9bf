// BatchGetReports: reports by ARN, in the order asked for; the group may be one that another account shares.

import type { Handler } from '../../../../operation/handler.ts'
import { findReports, reportArn, reportKey, reportShape } from '../../reports.ts'
import { byOwner } from '../../sharing/owner.ts'

export const batchGetReports: Handler<'codebuild', 'BatchGetReports'> = async (call, input) => {
  const found = new Map<string, ReturnType<typeof reportShape>>()
  for (const { scope, items } of byOwner(call.scope, input.reportArns!)) {
    const keys = items.map(arn => reportKey(scope, arn)).filter(key => key !== undefined)
    for (const row of await findReports(call.tx, scope, keys)) found.set(reportArn(scope, row), reportShape(scope, row))
  }
  return {
    reports: input.reportArns!.flatMap(arn => found.get(arn) ?? []),
    reportsNotFound: input.reportArns!.filter(arn => !found.has(arn)),
  }
}
