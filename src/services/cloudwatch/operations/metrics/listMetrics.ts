// ListMetrics: the metrics that had data in the last two weeks, 500 a page.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { invalidToken } from '../../errors.ts'
import { listMetrics as selectMetrics } from '../../metrics.ts'

const PAGE = 500
const HOUR = 3_600_000
const TWO_WEEKS = 14 * 24 * HOUR

export const listMetrics: Handler<'cloudwatch', 'ListMetrics'> = async (call, input) => {
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions, RecentlyActive, NextToken } = input
  const since = new Date(call.now.getTime() - (RecentlyActive === 'PT3H' ? 3 * HOUR : TWO_WEEKS))
  const after = NextToken === undefined ? undefined : (readPageToken(NextToken) ?? invalidToken())
  if (after && after.length !== 3) invalidToken()
  const filter = { namespace, name, dimensions, since }
  const rows = await selectMetrics(call.tx, call.scope, filter, { after, limit: PAGE })
  const { items, nextToken } = page(rows, PAGE, row => [row.namespace, row.name, row.id])
  return {
    Metrics: items.map(row => ({ Namespace: row.namespace, MetricName: row.name, Dimensions: [...row.dimensions] })),
    ...(nextToken && { NextToken: nextToken }),
  }
}
