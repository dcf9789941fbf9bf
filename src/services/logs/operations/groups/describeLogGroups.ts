// DescribeLogGroups: pages of groups by prefix, substring, class or identifiers.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { identifiedGroup } from '../../arns.ts'
import { invalid, invalidToken } from '../../errors.ts'
import { listGroups, toLogGroup } from '../../groups.ts'

export const describeLogGroups: Handler<'logs', 'DescribeLogGroups'> = async (call, input) => {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: substring, logGroupIdentifiers, nextToken } = input
  if (prefix !== undefined && substring !== undefined)
    invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.')
  const names = logGroupIdentifiers?.map(
    one => identifiedGroup({ logGroupIdentifier: one }) ?? invalid(`Invalid log group identifier: ${one}`),
  )
  const [after] = nextToken === undefined ? [] : (readPageToken(nextToken) ?? invalidToken())
  const limit = input.limit ?? 50
  const rows = await listGroups(
    call.tx,
    call.scope,
    { prefix, substring, names, class: input.logGroupClass, after: after === undefined ? undefined : String(after) },
    limit + 1,
  )
  const { items, nextToken: further } = page(rows, limit, row => [row.name])
  return { logGroups: items.map(row => toLogGroup(call.scope, row)), nextToken: further }
}
