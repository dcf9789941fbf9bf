// CreateReportGroup: where the reports of one kind of tests, or of coverage, are kept.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { checkedExport, groupShape, insertGroup, reportGroupArn } from '../../reportGroups.ts'

export const createReportGroup: Handler<'codebuild', 'CreateReportGroup'> = async (call, input) => {
  const { name, type, exportConfig, tags } = input
  if (!/^[A-Za-z0-9][\w.-]+$/.test(name!)) fail('InvalidInputException', `Invalid report group name: ${name}`)
  const row = {
    name: name!,
    type: type!,
    export_config: checkedExport(call.scope, exportConfig!),
    tags: tags ?? [],
    created_at: call.now,
    modified_at: call.now,
  }
  if (!(await insertGroup(call.tx, call.scope, row))) {
    fail('ResourceAlreadyExistsException', `Report group already exists: ${reportGroupArn(call.scope, row.name)}`)
  }
  return { reportGroup: groupShape(call.scope, row) }
}
