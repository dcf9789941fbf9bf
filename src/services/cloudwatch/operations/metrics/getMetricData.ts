// GetMetricData: many metrics and expressions over them, newest first unless told otherwise, cut into pages by datapoints.

import type { MetricDataResult } from '@aws-sdk/client-cloudwatch'
import { pageToken, readPageToken } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { invalid, invalidToken } from '../../errors.ts'
import { roundStart } from '../../period.ts'
import { answerQueries, readQueries } from '../../queries.ts'

const MOST_QUERIES = 500
const MOST_DATAPOINTS = 100_800

export const getMetricData: Handler<'cloudwatch', 'GetMetricData'> = async (call, input) => {
  const { MetricDataQueries, StartTime, EndTime, ScanBy, MaxDatapoints = MOST_DATAPOINTS, NextToken } = input
  if (StartTime > EndTime) invalid('The parameter EndTime must be greater than StartTime.')
  if (StartTime.getTime() === EndTime.getTime()) invalid('The parameter StartTime must not equal parameter EndTime.')
  if (MetricDataQueries.length > MOST_QUERIES)
    invalid(`The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`)
  if (MaxDatapoints < 1 || MaxDatapoints > MOST_DATAPOINTS)
    invalid(`The parameter MaxDatapoints must be between 1 and ${MOST_DATAPOINTS}.`)
  const queries = readQueries(MetricDataQueries, 'MetricDataQueries')
  for (const query of queries) {
    const seconds = (EndTime.getTime() - StartTime.getTime()) / 1000
    if (query.kind === 'stat' && seconds / query.period > MOST_DATAPOINTS)
      invalid(
        `The requested time range has more than ${MOST_DATAPOINTS} datapoints of ${query.period} seconds: increase the period.`,
      )
  }
  const answers = await answerQueries(call.tx, call.scope, queries, {
    startOf: period => roundStart(StartTime, period, call.now),
    end: EndTime,
  })
  const ascending = ScanBy === 'TimestampAscending'
  const results = answers.flatMap(({ query, series }) =>
    series.map(({ label, points }): Whole => {
      const inOrder = [...points]
      return { id: query.id, label, points: ascending ? inOrder : inOrder.reverse() }
    }),
  )
  return paged(results, { most: MaxDatapoints, ascending, token: NextToken })
}

interface Whole {
  readonly id: string
  readonly label: string
  readonly points: readonly (readonly [number, number])[]
}

/** The token says which result goes on, and after which time. */
function paged(
  results: readonly Whole[],
  { most, ascending, token }: { most: number; ascending: boolean; token?: string | undefined },
) {
  const [from, after] = token === undefined ? [0] : (readPageToken(token) ?? invalidToken())
  if (typeof from !== 'number' || (after !== undefined && typeof after !== 'number')) return invalidToken()
  const MetricDataResults: MetricDataResult[] = []
  let room = most
  for (const [index, { id, label, points }] of results.entries()) {
    if (index < from) continue
    const beyond = (time: number) => (ascending ? time > after! : time < after!)
    const rest = index === from && after !== undefined ? points.filter(([time]) => beyond(time)) : points
    const shown = rest.slice(0, room)
    room -= shown.length
    const cut = shown.length < rest.length
    MetricDataResults.push({
      Id: id,
      Label: label,
      Timestamps: shown.map(([time]) => new Date(time)),
      Values: shown.map(([, value]) => value),
      StatusCode: cut ? 'PartialData' : 'Complete',
    })
    if (cut || (room === 0 && index < results.length - 1)) {
      const last = shown.at(-1)
      const next = cut ? (last ? [index, last[0]] : [index]) : [index + 1]
      return { MetricDataResults, NextToken: pageToken(next), Messages: [] }
    }
  }
  return { MetricDataResults, Messages: [] }
}
