import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { cloudwatch } from './index.ts'

const NOW = '2026-03-01T12:00:30Z'
const at = (time: string) => new Date(`2026-03-01T${time}Z`)
let house: TestHouse

beforeAll(async () => {
  house = await openHouse({ services: [cloudwatch], now: NOW })
})
afterAll(() => house.close())

const put = (MetricData: any[], Namespace = 'App') =>
  house.invoke('cloudwatch', 'PutMetricData', { Namespace, MetricData })
const range = { StartTime: at('11:00:00'), EndTime: at('13:00:00') }
const stats = (MetricName: string, more: object = {}) =>
  house.invoke('cloudwatch', 'GetMetricStatistics', {
    Namespace: 'App',
    MetricName,
    Period: 60,
    Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
    ...range,
    ...more,
  })

describe('PutMetricData', () => {
  test('values of one minute are summed up, whether they come in one call or in several', async () => {
    await put([
      { MetricName: 'Latency', Value: 10, Unit: 'Milliseconds', Timestamp: at('11:59:01') },
      { MetricName: 'Latency', Values: [20, 30], Counts: [2, 1], Unit: 'Milliseconds', Timestamp: at('11:59:59') },
    ])
    await put([
      {
        MetricName: 'Latency',
        StatisticValues: { SampleCount: 2, Sum: 100, Minimum: 40, Maximum: 60 },
        Unit: 'Milliseconds',
        Timestamp: at('11:59:30'),
      },
    ])
    const { Datapoints, Label } = await stats('Latency')
    expect(Label).toBe('Latency')
    expect(Datapoints).toEqual([
      {
        Timestamp: at('11:59:00'),
        Unit: 'Milliseconds',
        SampleCount: 6,
        Sum: 180,
        Average: 30,
        Minimum: 10,
        Maximum: 60,
      },
    ])
  })

  test('without a timestamp the value is of now, without a unit of None', async () => {
    await put([{ MetricName: 'Plain', Value: 1 }])
    const { Datapoints } = await stats('Plain', { Statistics: ['Sum'] })
    expect(Datapoints).toEqual([{ Timestamp: at('12:00:00'), Unit: 'None', Sum: 1 }])
  })

  test('dimensions name different metrics, in whatever order they come', async () => {
    const Dimensions = [
      { Name: 'Host', Value: 'a' },
      { Name: 'Zone', Value: '1' },
    ]
    await put([
      { MetricName: 'Load', Value: 1, Dimensions },
      { MetricName: 'Load', Value: 2, Dimensions: [...Dimensions].reverse() },
      { MetricName: 'Load', Value: 100 },
    ])
    const one = await stats('Load', { Statistics: ['Sum'], Dimensions })
    expect(one.Datapoints?.map(point => point.Sum)).toEqual([3])
    const none = await stats('Load', { Statistics: ['Sum'] })
    expect(none.Datapoints?.map(point => point.Sum)).toEqual([100])
  })

  test('high resolution is kept by the second', async () => {
    await put([
      { MetricName: 'Fast', Value: 1, StorageResolution: 1, Timestamp: at('12:00:01') },
      { MetricName: 'Fast', Value: 2, StorageResolution: 1, Timestamp: at('12:00:02') },
      { MetricName: 'Fast', Value: 4, StorageResolution: 1, Timestamp: at('12:00:12') },
    ])
    const sums = async (Period: number) =>
      (await stats('Fast', { Period, Statistics: ['Sum'], StartTime: at('12:00:00'), EndTime: at('12:01:00') }))
        .Datapoints
    expect((await sums(1))?.map(point => point.Sum)).toEqual([1, 2, 4])
    expect((await sums(10))?.map(point => [point.Timestamp, point.Sum])).toEqual([
      [at('12:00:00'), 3],
      [at('12:00:10'), 4],
    ])
    expect((await sums(60))?.map(point => point.Sum)).toEqual([7])
  })

  test.each([
    [
      { Value: Number.NaN },
      'InvalidParameterValueException',
      'The value NaN for parameter MetricData.member.1.Value is invalid.',
    ],
    [{ Value: 2 ** 361 }, 'InvalidParameterValueException', /MetricData\.member\.1\.Value is invalid/],
    [{}, 'MissingRequiredParameterException', 'At least one of the parameters must be specified.'],
    [{ Value: 1, Values: [1] }, 'InvalidParameterCombinationException', /mutually exclusive/],
    [{ Values: [1, 2], Counts: [1] }, 'InvalidParameterValueException', /must be of the same size/],
    [{ Values: [1], Counts: [-1] }, 'InvalidParameterValueException', /Counts is invalid/],
    [{ Values: Array(151).fill(1) }, 'InvalidParameterValueException', /size greater than 150/],
    [
      { StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1 } },
      'MissingRequiredParameterException',
      /StatisticValues\.Maximum is required/,
    ],
    [{ Value: 1, StorageResolution: 5 }, 'InvalidParameterValueException', /StorageResolution is invalid/],
    [
      { Value: 1, Timestamp: new Date('2026-02-14T00:00:00Z') },
      'InvalidParameterValueException',
      /within the past two weeks/,
    ],
    [{ Value: 1, Timestamp: at('14:30:00') }, 'InvalidParameterValueException', /no more than two hours in the future/],
    [{ Value: 1, Unit: 'Furlongs' }, 'ValidationError', /Furlongs/],
    [
      { Value: 1, Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `n${i}`, Value: 'v' })) },
      'ValidationError',
      /less than or equal to 30/,
    ],
  ])('refuses %j', async (datum, code, message) => {
    await expect(put([{ MetricName: 'Bad', ...datum }])).rejects.toMatchObject({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  test('one bad entry keeps all others out', async () => {
    await expect(put([{ MetricName: 'Half', Value: 1 }, { MetricName: 'Half' }])).rejects.toMatchObject({
      code: 'MissingRequiredParameterException',
    })
    expect((await stats('Half')).Datapoints).toEqual([])
  })
})

describe('GetMetricStatistics', () => {
  test('percentiles are of the values that came', async () => {
    await put([{ MetricName: 'Spread', Values: Array.from({ length: 100 }, (_, index) => index + 1) }])
    const { Datapoints } = await stats('Spread', { Statistics: undefined, ExtendedStatistics: ['p50', 'p99', 'p100'] })
    expect(Datapoints?.[0]?.ExtendedStatistics).toEqual({ p50: 50, p99: 99, p100: 100 })
  })

  test('percentiles of very many values are off by at most one percent', async () => {
    for (let from = 0; from < 600; from += 150)
      await put([{ MetricName: 'Wide', Values: Array.from({ length: 150 }, (_, index) => from + index + 1) }])
    const { Datapoints } = await stats('Wide', { ExtendedStatistics: ['p90'] })
    expect(Datapoints?.[0]).toMatchObject({ SampleCount: 600, Minimum: 1, Maximum: 600 })
    const p90 = Datapoints![0]!.ExtendedStatistics!.p90!
    expect(Math.abs(p90 - 540)).toBeLessThan(540 * 0.02)
  })

  test('percentiles of statistic sets are unknown unless their values are all the same', async () => {
    const sets = [
      { MetricName: 'Set', StatisticValues: { SampleCount: 2, Sum: 3, Minimum: 1, Maximum: 2 } },
      { MetricName: 'SameSet', StatisticValues: { SampleCount: 2, Sum: 4, Minimum: 2, Maximum: 2 } },
    ]
    await put(sets)
    expect((await stats('Set', { Statistics: undefined, ExtendedStatistics: ['p50'] })).Datapoints).toEqual([])
    const same = await stats('SameSet', { Statistics: undefined, ExtendedStatistics: ['p50'] })
    expect(same.Datapoints?.[0]?.ExtendedStatistics).toEqual({ p50: 2 })
  })

  test('units stay apart, and one of them can be asked for', async () => {
    await put([
      { MetricName: 'Mixed', Value: 1, Unit: 'Seconds' },
      { MetricName: 'Mixed', Value: 2, Unit: 'Count' },
    ])
    const all = await stats('Mixed', { Statistics: ['Sum'] })
    expect(all.Datapoints?.map(({ Unit, Sum }) => [Unit, Sum])).toEqual([
      ['Count', 2],
      ['Seconds', 1],
    ])
    expect((await stats('Mixed', { Unit: 'Seconds' })).Datapoints).toHaveLength(1)
  })

  test.each([
    [{ Period: 45 }, 'InvalidParameterValueException', /Period must be/],
    [
      { StartTime: at('12:00:00'), EndTime: at('11:00:00') },
      'InvalidParameterCombinationException',
      'The parameter StartTime must be less than the parameter EndTime.',
    ],
    [{ Statistics: undefined }, 'MissingRequiredParameterException', /At least one of the parameters Statistics/],
    [
      { StartTime: new Date('2026-02-27T12:00:00Z'), EndTime: at('12:00:00') },
      'InvalidParameterCombinationException',
      /^You have requested up to 2,880 datapoints, which exceeds the limit of 1,440\./,
    ],
    [{ ExtendedStatistics: ['tm99'] }, 'InvalidParameterValueException', /tm99/],
    [{ MetricName: undefined }, 'MissingRequiredParameterException', 'The parameter MetricName is required.'],
  ])('refuses %j', async (more, code, message) => {
    await expect(stats('Latency', more)).rejects.toMatchObject({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })
})

describe('GetMetricData', () => {
  const metric = (Id: string, MetricName: string, more: object = {}) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Data', MetricName }, Period: 60, Stat: 'Sum' },
    ...more,
  })
  const get = (MetricDataQueries: any[], more: object = {}) =>
    house.invoke('cloudwatch', 'GetMetricData', { MetricDataQueries, ...range, ...more })

  beforeAll(async () => {
    const minutes = ['11:57:00', '11:58:00', '11:59:00'].map(at)
    await put(
      [
        ...minutes.map((Timestamp, index) => ({ MetricName: 'Requests', Value: 10 * (index + 1), Timestamp })),
        { MetricName: 'Errors', Value: 1, Timestamp: minutes[1] },
      ],
      'Data',
    )
  })

  test('answers newest first, and oldest first when asked', async () => {
    const { MetricDataResults } = await get([metric('r', 'Requests')])
    expect(MetricDataResults).toEqual([
      {
        Id: 'r',
        Label: 'Requests',
        Timestamps: ['11:59:00', '11:58:00', '11:57:00'].map(at),
        Values: [30, 20, 10],
        StatusCode: 'Complete',
      },
    ])
    const ascending = await get([metric('r', 'Requests', { Label: 'All' })], { ScanBy: 'TimestampAscending' })
    expect(ascending.MetricDataResults?.[0]).toMatchObject({ Label: 'All', Values: [10, 20, 30] })
  })

  test('expressions compute with metrics that are not shown, and with other expressions', async () => {
    const { MetricDataResults } = await get(
      [
        metric('r', 'Requests', { ReturnData: false }),
        metric('e', 'Errors', { ReturnData: false }),
        { Id: 'rate', Expression: '100 * FILL(e, 0) / r', ReturnData: false },
        { Id: 'shown', Expression: 'rate + 0', Label: 'Error rate' },
      ],
      { ScanBy: 'TimestampAscending' },
    )
    expect(MetricDataResults).toMatchObject([{ Id: 'shown', Label: 'Error rate', Values: [0, 5, 0] }])
  })

  test('pages go on where the one before stopped', async () => {
    const queries = [metric('a', 'Requests'), metric('b', 'Requests')]
    const seen: Record<string, number[]> = { a: [], b: [] }
    let NextToken: string | undefined
    let pages = 0
    do {
      const answer = await get(queries, { MaxDatapoints: 2, NextToken })
      for (const { Id, Values } of answer.MetricDataResults!) seen[Id!]!.push(...Values!)
      NextToken = answer.NextToken
    } while (NextToken && ++pages < 10)
    expect(seen).toEqual({ a: [30, 20, 10], b: [30, 20, 10] })
    expect(pages).toBe(2)
  })

  test('a metric that never was is an empty result', async () => {
    expect((await get([metric('x', 'Never')])).MetricDataResults).toEqual([
      { Id: 'x', Label: 'Never', Timestamps: [], Values: [], StatusCode: 'Complete' },
    ])
  })

  test.each([
    [[{ Id: 'e1', Expression: "SEARCH('{App} Latency', 'Sum', 60)" }], /does not support SEARCH/],
    [[{ Id: 'e1', Expression: 'SELECT AVG(x) FROM y' }], /Metrics Insights/],
    [[{ Id: 'e1', Expression: 'm9 + 1' }], /Undefined variable 'm9'/],
    [
      [
        { Id: 'e1', Expression: 'e2' },
        { Id: 'e2', Expression: 'e1' },
      ],
      /Circular reference/,
    ],
    [[{ Id: 'E1', Expression: '1' }], /not matching the expected pattern/],
    [[{ Id: 'e1', Expression: '1 + 1' }], /must return one or more time series/],
    [[metric('a', 'Requests'), metric('a', 'Requests')], /not unique/],
    [[metric('a', 'Requests', { Expression: '1' })], /mutually exclusive/],
  ])('refuses %j', async (queries, message) => {
    await expect(get(queries)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(message),
    })
  })
})

describe('ListMetrics', () => {
  test('filters by namespace, name, and dimensions with or without a value', async () => {
    await put(
      [
        { MetricName: 'A', Value: 1, Dimensions: [{ Name: 'Host', Value: 'x' }] },
        { MetricName: 'A', Value: 1, Dimensions: [{ Name: 'Host', Value: 'y' }] },
        { MetricName: 'B', Value: 1 },
      ],
      'List',
    )
    const list = async (input: object) =>
      (await house.invoke('cloudwatch', 'ListMetrics', { Namespace: 'List', ...input })).Metrics
    expect(await list({})).toHaveLength(3)
    expect(await list({ MetricName: 'A', Dimensions: [{ Name: 'Host' }] })).toHaveLength(2)
    expect(await list({ Dimensions: [{ Name: 'Host', Value: 'y' }] })).toEqual([
      { Namespace: 'List', MetricName: 'A', Dimensions: [{ Name: 'Host', Value: 'y' }] },
    ])
  })

  test('comes in pages of 500', async () => {
    await put(
      Array.from({ length: 600 }, (_, index) => ({ MetricName: `m${index}`, Value: 1 })),
      'Many',
    )
    const first = await house.invoke('cloudwatch', 'ListMetrics', { Namespace: 'Many' })
    expect(first.Metrics).toHaveLength(500)
    const second = await house.invoke('cloudwatch', 'ListMetrics', { Namespace: 'Many', NextToken: first.NextToken })
    expect(second.Metrics).toHaveLength(100)
    expect(second.NextToken).toBeUndefined()
    await expect(house.invoke('cloudwatch', 'ListMetrics', { NextToken: 'nonsense' })).rejects.toMatchObject({
      code: 'InvalidNextToken',
    })
  })
})

test('old data grows coarse, then goes; recently active metrics are those of the last three hours', async () => {
  const other = await openHouse({ services: [cloudwatch], now: NOW })
  try {
    await other.invoke('cloudwatch', 'PutMetricData', {
      Namespace: 'Old',
      MetricData: [
        { MetricName: 'Fast', Value: 1, StorageResolution: 1, Timestamp: at('12:00:01') },
        { MetricName: 'Fast', Value: 3, StorageResolution: 1, Timestamp: at('12:00:02') },
      ],
    })
    const age = async (to: string) => {
      other.clock.set(to)
      await other.transaction(call => call.addJob('age', {}))
      await other.runJobs()
      const { rows } = await other.store.pool.query('select width, count, sum, sketch from cloudwatch.points')
      return rows
    }
    expect(await age('2026-03-01T16:00:00Z')).toEqual([{ width: 60, count: 2, sum: 4, sketch: { 1: 1, 3: 1 } }])
    const recent = await other.invoke('cloudwatch', 'ListMetrics', { Namespace: 'Old', RecentlyActive: 'PT3H' })
    expect(recent.Metrics).toEqual([])
    expect(await age('2026-04-01T00:00:00Z')).toMatchObject([{ width: 300 }])
    expect(await age('2026-07-01T00:00:00Z')).toMatchObject([{ width: 3600, count: 2 }])
    expect(await age('2027-12-01T00:00:00Z')).toEqual([])
  } finally {
    await other.close()
  }
})
