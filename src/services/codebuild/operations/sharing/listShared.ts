// ListSharedProjects and ListSharedReportGroups: ARNs of what other accounts' policies share with the caller.

import { page } from '../../../../core/pageToken.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import type { Principal } from '../../../../operation/principal.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { listShared, type SharedKind, sharedArn } from '../../sharing/policies.ts'

interface Asked {
  readonly sortBy?: 'ARN' | 'MODIFIED_TIME' | undefined
  readonly sortOrder?: 'ASCENDING' | 'DESCENDING' | undefined
  readonly maxResults?: number | undefined
  readonly nextToken?: string | undefined
}

export const listSharedProjects: Handler<'codebuild', 'ListSharedProjects'> = async (call, input) => {
  const { arns, ...rest } = await sharedWith(call, 'project', input)
  return { projects: arns, ...rest }
}

export const listSharedReportGroups: Handler<'codebuild', 'ListSharedReportGroups'> = async (call, input) => {
  const { arns, ...rest } = await sharedWith(call, 'report-group', input)
  return { reportGroups: arns, ...rest }
}

async function sharedWith(call: Call, kind: SharedKind, { sortBy, sortOrder, maxResults, nextToken: token }: Asked) {
  const byTime = sortBy === 'MODIFIED_TIME'
  const descending = sortOrder === 'DESCENDING'
  const limit = maxResults ?? PAGE_SIZE
  const order = `${kind}|${byTime}|${descending}`
  const rows = await listShared(call.tx, call.scope, {
    kind,
    consumers: namesOf(call.principal),
    byTime,
    descending,
    after: readToken(token, order)?.map(String),
    limit,
  })
  const { items, nextToken } = page(rows, limit, row => [order, row.key, row.account, row.name])
  const arns = items.map(({ account, name }) =>
    sharedArn({ scope: { account, region: call.scope.region }, kind, name }),
  )
  return { arns, ...(nextToken && { nextToken }) }
}

/** How a policy may name the caller. */
function namesOf(principal: Principal): string[] {
  switch (principal.type) {
    case 'user':
      return [principal.account, principal.arn]
    case 'assumedRole':
      return [principal.account, principal.roleArn]
    default:
      return [principal.account]
  }
}
