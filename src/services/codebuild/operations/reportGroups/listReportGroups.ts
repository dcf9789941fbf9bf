// ListReportGroups: ARNs, sorted by name or by one of the two times.

import type { Handler } from '../../../../operation/handler.ts'
import { sql } from '../../../../store/sql.ts'
import { listNamed } from '../../namedList.ts'
import { reportGroupArn } from '../../reportGroups.ts'

export const listReportGroups: Handler<'codebuild', 'ListReportGroups'> = async (call, input) => {
  const { items, nextToken } = await listNamed(call, input, { table: sql`codebuild.report_groups` })
  return { reportGroups: items.map(({ name }) => reportGroupArn(call.scope, name)), ...(nextToken && { nextToken }) }
}
