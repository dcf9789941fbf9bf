// DeleteReportGroup: with its reports only when that is said. Deleting what is not there is fine, as with projects.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { deleteGroup, requireGroupName } from '../../reportGroups.ts'
import { groupHasReports } from '../../reports.ts'
import { deletePolicy } from '../../sharing/policies.ts'

export const deleteReportGroup: Handler<'codebuild', 'DeleteReportGroup'> = async (call, input) => {
  const name = requireGroupName(call.scope, input.arn!)
  // AWS: a group with reports is refused unless deleteReports is true [API_DeleteReportGroup].
  if (!input.deleteReports && (await groupHasReports(call.tx, call.scope, name))) {
    fail(
      'InvalidInputException',
      `Report group cannot be deleted, it contains reports: ${input.arn}. Delete them first, or set deleteReports`,
    )
  }
  await deleteGroup(call.tx, call.scope, name)
  await deletePolicy(call.tx, { scope: call.scope, kind: 'report-group', name })
  return {}
}
