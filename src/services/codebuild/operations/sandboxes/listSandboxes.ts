// ListSandboxes, ListSandboxesForProject: ids, newest first unless asked otherwise.

import { page } from '../../../../core/pageToken.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { projectArn, projectName } from '../../definition.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { findProject } from '../../projects.ts'
import { listSandboxes as listRows } from '../../sandboxes/sandboxes.ts'

export const listSandboxes: Handler<'codebuild', 'ListSandboxes'> = (call, input) => idsOf(call, input)

export const listSandboxesForProject: Handler<'codebuild', 'ListSandboxesForProject'> = async (call, input) => {
  const name = projectName(call.scope, input.projectName!)
  if (!(await findProject(call.tx, call.scope, name))) {
    fail('ResourceNotFoundException', `The provided project ${projectArn(call.scope, name)} does not exist`)
  }
  return await idsOf(call, input, name)
}

interface Asked {
  readonly maxResults?: number
  readonly sortOrder?: string
  readonly nextToken?: string
}

async function idsOf({ tx, scope }: Call, { maxResults, sortOrder, nextToken: token }: Asked, project?: string) {
  const descending = sortOrder !== 'ASCENDING'
  const limit = maxResults ?? PAGE_SIZE
  const order = `sandboxes ${project ?? ''}${descending ? '-' : '+'}`
  const rows = await listRows(tx, scope, { project, descending, after: readToken(token, order), limit })
  const { items, nextToken } = page(rows, limit, row => [order, row.key, row.id])
  return { ids: items.map(row => row.id), ...(nextToken && { nextToken }) }
}
