// ListBuildsForProject: ids of one project's builds, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { listBuildsOf } from '../../builds.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { findProject } from '../../projects.ts'
import { ownerScope } from '../../sharing/owner.ts'

export const listBuildsForProject: Handler<'codebuild', 'ListBuildsForProject'> = async (call, input) => {
  const scope = ownerScope(call.scope, input.projectName)
  const name = projectName(scope, input.projectName)
  if (!(await findProject(call.tx, scope, name))) {
    // AWS: verbatim.
    fail('ResourceNotFoundException', `The provided project ${projectArn(scope, name)} does not exist`)
  }
  const descending = input.sortOrder !== 'ASCENDING'
  const order = `${name}${descending ? '-' : '+'}`
  const [after] = readToken(input.nextToken, order) ?? []
  const rows = await listBuildsOf(call.tx, scope, name, {
    descending,
    after: after === undefined ? undefined : Number(after),
    limit: PAGE_SIZE,
  })
  const { items, nextToken } = page(rows, PAGE_SIZE, row => [order, row.key])
  return { ids: items.map(row => row.id), ...(nextToken && { nextToken }) }
}
