// DescribeAlarmHistory: newest first unless told otherwise; deleted alarms keep their history.

import { page, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { invalidToken } from '../../errors.ts'
import { historyShape, listHistory } from '../../history.ts'

export const describeAlarmHistory: Handler<'cloudwatch', 'DescribeAlarmHistory'> = async (call, input) => {
  const { AlarmTypes, MaxRecords: limit = 50 } = input
  const after = position(input.NextToken)
  // AWS: without AlarmTypes only metric alarms are shown; composite ones are not there.
  if (AlarmTypes?.length && !AlarmTypes.includes('MetricAlarm')) return { AlarmHistoryItems: [] }
  const rows = await listHistory(call.tx, call.scope, {
    alarm: input.AlarmName,
    type: input.HistoryItemType,
    start: input.StartDate,
    end: input.EndDate,
    ascending: input.ScanBy === 'TimestampAscending',
    after,
    limit,
  })
  const { items, nextToken } = page(rows, limit, row => [row.key, row.id])
  return { AlarmHistoryItems: items.map(historyShape), ...(nextToken && { NextToken: nextToken }) }
}

function position(token: string | undefined): readonly [string, number] | undefined {
  if (token === undefined) return undefined
  const [at, id] = readPageToken(token) ?? invalidToken()
  return typeof at === 'string' && typeof id === 'number' ? [at, id] : invalidToken()
}
