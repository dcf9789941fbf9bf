// UpdateReportGroup: another export, or other tags; what is not given stays. Reports that are there keep the export they were made with.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { checkedExport, findGroup, groupShape, requireGroupName, saveGroup } from '../../reportGroups.ts'

export const updateReportGroup: Handler<'codebuild', 'UpdateReportGroup'> = async (call, input) => {
  const row = await findGroup(call.tx, call.scope, requireGroupName(call.scope, input.arn!))
  if (!row) return fail('ResourceNotFoundException', `The provided report group does not exist: ${input.arn}`)
  const updated = {
    ...row,
    export_config: input.exportConfig ? checkedExport(call.scope, input.exportConfig) : row.export_config,
    tags: input.tags ?? row.tags,
    modified_at: call.now,
  }
  await saveGroup(call.tx, call.scope, updated)
  return { reportGroup: groupShape(call.scope, updated) }
}
