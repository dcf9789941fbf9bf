// BatchGetApplications: up to 100; one unknown name fails all, as AWS does.

import type { Handler } from '../../../../operation/handler.ts'
import { applicationInfo, findApplications } from '../../applications.ts'
import { noApplication } from '../../errors.ts'
import { limitBatch } from '../../paging.ts'

export const batchGetApplications: Handler<'codedeploy', 'BatchGetApplications'> = async ({ tx, scope }, input) => {
  limitBatch(input.applicationNames)
  const rows = await findApplications(tx, scope, input.applicationNames)
  const missing = input.applicationNames.find(name => !rows.some(row => row.name === name))
  if (missing !== undefined) noApplication(missing)
  return { applicationsInfo: rows.map(applicationInfo) }
}
