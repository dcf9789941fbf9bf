// DeleteReport: the report goes with its cases. Deleting what is not there is fine.

import type { Handler } from '../../../../operation/handler.ts'
import { deleteReport as deleteRow, requireReportKey } from '../../reports.ts'

export const deleteReport: Handler<'codebuild', 'DeleteReport'> = async (call, input) => {
  await deleteRow(call.tx, call.scope, requireReportKey(call.scope, input.arn!))
  return {}
}
