// PutMetricData: all entries or none, summed up by minute before they are written.

import { ServiceError } from '../../../../core/serviceError.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { merge, readDatum } from '../../datum.ts'
import { invalidValue, missing } from '../../errors.ts'
import { ensureMetrics, type MetricKey, metricText } from '../../metrics.ts'
import { addPoints, type NewPoint } from '../../points.ts'

const MOST_ENTRIES = 1000

export const putMetricData: Handler<'cloudwatch', 'PutMetricData'> = async (call, input) => {
  const { Namespace, MetricData = [], EntityMetricData = [] } = input
  if (EntityMetricData.length > 0) {
    throw new ServiceError('NotImplemented', 'Codeyard does not relate metrics to entities: use MetricData', {
      status: 501,
    })
  }
  if (MetricData.length === 0) missing('The parameter MetricData is required.')
  if (MetricData.length > MOST_ENTRIES)
    invalidValue(`The collection MetricData must not have a size greater than ${MOST_ENTRIES}.`)
  const read = MetricData.map((datum, index) => readDatum(Namespace, datum, `MetricData.member.${index + 1}`, call.now))
  const keys = new Map<string, MetricKey>(read.map(({ key }) => [metricText(key), key]))
  const ids = await ensureMetrics(call.tx, call.scope, [...keys.values()], call.now)
  const points = new Map<string, NewPoint>()
  for (const { key, at, width, unit, aggregate } of read) {
    const metric_id = ids.get(metricText(key))!
    const place = `${metric_id}/${at.getTime()}/${width}/${unit}`
    const there = points.get(place)
    points.set(place, { metric_id, at, width, unit, ...(there ? merge(there, aggregate) : aggregate) })
  }
  await addPoints(call.tx, [...points.values()])
  return {}
}
