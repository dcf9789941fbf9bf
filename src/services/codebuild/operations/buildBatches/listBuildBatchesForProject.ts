// ListBuildBatchesForProject: ids of one project's batches, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listBatchesOf } from '../../batches/batches.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { findProject } from '../../projects.ts'

export const listBuildBatchesForProject: Handler<'codebuild', 'ListBuildBatchesForProject'> = async (call, input) => {
  if (!input.projectName) return fail('InvalidInputException', 'Project name is required')
  const name = projectName(call.scope, input.projectName)
  if (!(await findProject(call.tx, call.scope, name))) {
    fail('ResourceNotFoundException', `The provided project ${projectArn(call.scope, name)} does not exist`)
  }
  const descending = input.sortOrder !== 'ASCENDING'
  const limit = input.maxResults ?? PAGE_SIZE
  const { status } = input.filter ?? {}
  const order = `${name}${status ?? ''}${descending ? '-' : '+'}`
  const [after] = readToken(input.nextToken, order) ?? []
  const rows = await listBatchesOf(call.tx, call.scope, name, {
    status,
    descending,
    limit,
    ...(after !== undefined && { after: Number(after) }),
  })
  const { items, nextToken } = page(rows, limit, row => [order, row.key])
  return { ids: items.map(row => row.id), ...(nextToken && { nextToken }) }
}
