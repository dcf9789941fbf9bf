// BatchGetReportGroups: groups by ARN, in the order asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { findGroups, groupShape, reportGroupName } from '../../reportGroups.ts'

export const batchGetReportGroups: Handler<'codebuild', 'BatchGetReportGroups'> = async (call, input) => {
  const names = input.reportGroupArns!.map(arn => reportGroupName(call.scope, arn))
  const known = names.filter(name => name !== undefined)
  const rows = new Map((await findGroups(call.tx, call.scope, known)).map(row => [row.name, row]))
  const found = names.map(name => (name === undefined ? undefined : rows.get(name)))
  return {
    reportGroups: found.filter(row => row !== undefined).map(row => groupShape(call.scope, row)),
    reportGroupsNotFound: input.reportGroupArns!.filter((_, index) => !found[index]),
  }
}
