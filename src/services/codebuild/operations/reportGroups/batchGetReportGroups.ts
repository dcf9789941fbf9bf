// BatchGetReportGroups: groups by ARN, in the order asked for; ARNs may be of accounts that share them.

import type { Handler } from '../../../../operation/handler.ts'
import { findGroups, groupShape, reportGroupArn, reportGroupName } from '../../reportGroups.ts'
import { byOwner } from '../../sharing/owner.ts'

export const batchGetReportGroups: Handler<'codebuild', 'BatchGetReportGroups'> = async (call, input) => {
  const found = new Map<string, ReturnType<typeof groupShape>>()
  for (const { scope, items } of byOwner(call.scope, input.reportGroupArns!)) {
    const names = items.map(arn => reportGroupName(scope, arn)).filter(name => name !== undefined)
    for (const row of await findGroups(call.tx, scope, names))
      found.set(reportGroupArn(scope, row.name), groupShape(scope, row))
  }
  return {
    reportGroups: input.reportGroupArns!.flatMap(arn => found.get(arn) ?? []),
    reportGroupsNotFound: input.reportGroupArns!.filter(arn => !found.has(arn)),
  }
}
