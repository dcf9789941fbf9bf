// CreateReport: a build's new report in a group, to be filled; it goes by itself after 30 days.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findGroup, requireGroupName } from '../../reportGroups.ts'
import { openReport, reportArn } from '../../reports.ts'

// AWS: a report expires 30 days after it was made [test-report-viewing].
const DAYS = 30

export const createReport: Handler<'codebuild', 'CreateReport'> = async (call, input) => {
  const group = await findGroup(call.tx, call.scope, requireGroupName(call.scope, input.reportGroupArn))
  if (!group)
    return fail('ResourceNotFoundException', `The provided report group does not exist: ${input.reportGroupArn}`)
  if (group.type !== input.type) {
    fail(
      'InvalidInputException',
      `A ${input.type} report does not fit into the ${group.type} report group ${group.name}`,
    )
  }
  const row = await openReport(call.tx, call.scope, {
    group_name: group.name,
    id: call.ids.uuid(),
    execution: input.executionId,
    token: input.clientToken,
    type: input.type,
    created_at: call.now,
    expires_at: new Date(call.now.getTime() + DAYS * 86_400_000),
    export_config: group.export_config,
  })
  const arn = reportArn(call.scope, row)
  await call.addJob('expireReport', { arn }, { runAt: new Date(row.expires_at), jobKey: `expire:${arn}` })
  return { reportArn: arn, exportConfig: row.export_config }
}
