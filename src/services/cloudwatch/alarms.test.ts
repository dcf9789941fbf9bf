import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { cloudwatch } from './index.ts'

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:ops'
let house: TestHouse
let published: { TopicArn: string; Subject: string; Message: string; principal: Principal }[] = []

beforeAll(async () => {
  house = await openHouse({
    services: [cloudwatch],
    now: '2026-03-01T12:00:00Z',
    answers: {
      'sns.Publish': async (input, principal) => {
        if (input.TopicArn.endsWith(':gone')) throw new Error('the database is gone')
        published.push({ ...input, principal })
        return { MessageId: 'x' }
      },
    },
  })
})
afterAll(() => house.close())
beforeEach(() => {
  published = []
  house.events.length = 0
})

const alarm = (AlarmName: string, more: object = {}) =>
  house.invoke('cloudwatch', 'PutMetricAlarm', {
    AlarmName,
    Namespace: 'App',
    MetricName: AlarmName,
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 5,
    ComparisonOperator: 'GreaterThanThreshold',
    AlarmActions: [TOPIC],
    ...more,
  })
const put = (MetricName: string, Value: number) =>
  house.invoke('cloudwatch', 'PutMetricData', { Namespace: 'App', MetricData: [{ MetricName, Value, Unit: 'Count' }] })
const described = async (name: string) =>
  (await house.invoke('cloudwatch', 'DescribeAlarms', { AlarmNames: [name] })).MetricAlarms![0]!
const minutes = async (count: number) => {
  for (let minute = 0; minute < count; minute++) {
    house.clock.advance(60_000)
    await house.runJobs()
  }
}
const remove = (name: string) => house.invoke('cloudwatch', 'DeleteAlarms', { AlarmNames: [name] })

describe('an alarm', () => {
  test('goes from unknown to ALARM and OK with its metric, and tells its topic, the history and EventBridge', async () => {
    house.clock.set('2026-03-01T13:00:10Z')
    await alarm('errors', { AlarmDescription: 'too many', OKActions: [TOPIC] })
    expect(await described('errors')).toMatchObject({
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors',
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
      ActionsEnabled: true,
    })
    await put('errors', 9)
    await minutes(1)
    expect(await described('errors')).toMatchObject({
      StateValue: 'ALARM',
      StateReason:
        'Threshold Crossed: 1 out of the last 1 datapoints [9.0 (01/03/26 13:00:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
    })
    expect(published).toHaveLength(1)
    const [{ Subject, Message, principal }] = published as [(typeof published)[0]]
    expect(principal).toMatchObject({ type: 'service', service: 'cloudwatch.amazonaws.com' })
    expect(Subject).toBe('ALARM: "errors" in US East (N. Virginia)')
    expect(JSON.parse(Message)).toMatchObject({
      AlarmName: 'errors',
      AlarmDescription: 'too many',
      AWSAccountId: '000000000000',
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      StateChangeTime: '2026-03-01T13:01:10.000+0000',
      Region: 'US East (N. Virginia)',
      Trigger: {
        MetricName: 'errors',
        Namespace: 'App',
        StatisticType: 'Statistic',
        Statistic: 'SUM',
        Dimensions: [],
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 5,
        TreatMissingData: 'missing',
      },
    })
    expect(house.events.find(event => event['detail-type'] === 'CloudWatch Alarm State Change')).toMatchObject({
      source: 'aws.cloudwatch',
      resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors'],
      detail: {
        alarmName: 'errors',
        state: { value: 'ALARM' },
        previousState: { value: 'INSUFFICIENT_DATA' },
        configuration: {
          description: 'too many',
          metrics: [
            { metricStat: { metric: { namespace: 'App', name: 'errors', dimensions: {} }, period: 60, stat: 'Sum' } },
          ],
        },
      },
    })
    await put('errors', 1)
    await minutes(1)
    expect((await described('errors')).StateValue).toBe('OK')
    await minutes(3)
    expect(await described('errors')).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Insufficient Data: 1 datapoint was unknown.',
    })
    const { AlarmHistoryItems } = await house.invoke('cloudwatch', 'DescribeAlarmHistory', {
      AlarmName: 'errors',
      ScanBy: 'TimestampAscending',
    })
    expect(AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm "errors" created',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
      `Successfully executed action ${TOPIC}`,
      'Alarm updated from ALARM to OK',
      `Successfully executed action ${TOPIC}`,
      'Alarm updated from OK to INSUFFICIENT_DATA',
    ])
    expect(JSON.parse(AlarmHistoryItems![1]!.HistoryData!)).toMatchObject({
      version: '1.0',
      newState: { stateValue: 'ALARM', stateReasonData: { threshold: 5, recentDatapoints: [9] } },
    })
    await remove('errors')
    expect((await house.waitingJobs()).length).toBeGreaterThan(0)
    await minutes(2)
    expect(await house.waitingJobs()).toEqual([])
  })

  test('waits for M of N datapoints', async () => {
    house.clock.set('2026-03-01T14:00:10Z')
    await alarm('mn', { EvaluationPeriods: 3, DatapointsToAlarm: 2 })
    for (const [value, state] of [
      [9, 'INSUFFICIENT_DATA'],
      [0, 'OK'],
      [9, 'ALARM'],
      [0, 'OK'],
    ] as const) {
      await put('mn', value)
      await minutes(1)
      expect([value, (await described('mn')).StateValue]).toEqual([value, state])
    }
    await remove('mn')
  })

  test('on a percentile ignores too few samples when it says so', async () => {
    house.clock.set('2026-03-01T15:00:10Z')
    const percentile = { Statistic: undefined, ExtendedStatistic: 'p90' }
    await alarm('low', { ...percentile, EvaluateLowSampleCountPercentile: 'ignore' })
    await alarm('any', { ...percentile, MetricName: 'low' })
    await put('low', 100)
    await minutes(1)
    expect((await described('low')).StateValue).toBe('INSUFFICIENT_DATA')
    expect((await described('any')).StateValue).toBe('ALARM')
    await house.invoke('cloudwatch', 'DeleteAlarms', { AlarmNames: ['low', 'any'] })
  })

  test('on an expression computes with its metrics', async () => {
    house.clock.set('2026-03-01T16:00:10Z')
    const stat = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'App', MetricName }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    })
    await house.invoke('cloudwatch', 'PutMetricAlarm', {
      AlarmName: 'rate',
      Metrics: [stat('a', 'failed'), stat('b', 'all'), { Id: 'r', Expression: '100 * FILL(a, 0) / b' }],
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
    })
    await put('failed', 2)
    await put('all', 10)
    await minutes(1)
    expect((await described('rate')).StateValue).toBe('ALARM')
    await put('all', 10)
    await minutes(1)
    expect((await described('rate')).StateValue).toBe('OK')
    await remove('rate')
  })

  test('that is put again keeps its state and its tags', async () => {
    house.clock.set('2026-03-01T17:00:10Z')
    await alarm('kept', { Tags: [{ Key: 'team', Value: 'a' }] })
    await put('kept', 9)
    await minutes(1)
    await alarm('kept', { Threshold: 5, AlarmDescription: 'new', Tags: [{ Key: 'team', Value: 'b' }] })
    expect(await described('kept')).toMatchObject({ StateValue: 'ALARM', AlarmDescription: 'new' })
    const ResourceARN = (await described('kept')).AlarmArn!
    const tags = async () => (await house.invoke('cloudwatch', 'ListTagsForResource', { ResourceARN })).Tags
    expect(await tags()).toEqual([{ Key: 'team', Value: 'a' }])
    await house.invoke('cloudwatch', 'TagResource', { ResourceARN, Tags: [{ Key: 'x', Value: 'y' }] })
    await house.invoke('cloudwatch', 'UntagResource', { ResourceARN, TagKeys: ['team'] })
    expect(await tags()).toEqual([{ Key: 'x', Value: 'y' }])
    await remove('kept')
    await expect(tags()).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
  })

  test('with disabled actions changes its state in silence', async () => {
    await alarm('quiet')
    await house.invoke('cloudwatch', 'DisableAlarmActions', { AlarmNames: ['quiet', 'nobody'] })
    const set = (StateValue: 'OK' | 'ALARM') =>
      house.invoke('cloudwatch', 'SetAlarmState', { AlarmName: 'quiet', StateValue, StateReason: 'trying' })
    await set('ALARM')
    await house.invoke('cloudwatch', 'EnableAlarmActions', { AlarmNames: ['quiet'] })
    expect((await described('quiet')).StateReason).toBe('trying')
    await house.runJobs()
    expect(published).toEqual([])
    await set('ALARM')
    await house.runJobs()
    expect(published).toHaveLength(1)
    await remove('quiet')
  })
})

describe('descriptions of alarms', () => {
  beforeAll(async () => {
    for (const name of ['list-a', 'list-b', 'list-c'])
      await alarm(name, { MetricName: 'listed', Period: name === 'list-c' ? 120 : 60 })
  })

  test('come by prefix, state and action, in pages', async () => {
    const names = async (input: object) =>
      (await house.invoke('cloudwatch', 'DescribeAlarms', input)).MetricAlarms!.map(one => one.AlarmName)
    expect(await names({ AlarmNamePrefix: 'list-' })).toEqual(['list-a', 'list-b', 'list-c'])
    expect(await names({ AlarmNamePrefix: 'list-', StateValue: 'ALARM' })).toEqual([])
    expect(await names({ AlarmNamePrefix: 'list-', ActionPrefix: 'arn:aws:sns' })).toHaveLength(3)
    expect(await names({ AlarmNamePrefix: 'list-', ActionPrefix: 'arn:aws:lambda' })).toEqual([])
    expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([])
    const first = await house.invoke('cloudwatch', 'DescribeAlarms', { AlarmNamePrefix: 'list-', MaxRecords: 2 })
    const rest = { AlarmNamePrefix: 'list-', MaxRecords: 2, NextToken: first.NextToken }
    expect(await names(rest)).toEqual(['list-c'])
  })

  test('come by metric, and narrower', async () => {
    const names = async (input: object) => {
      const metric = { Namespace: 'App', MetricName: 'listed', ...input }
      const { MetricAlarms } = await house.invoke('cloudwatch', 'DescribeAlarmsForMetric', metric)
      return MetricAlarms!.map(one => one.AlarmName)
    }
    expect(await names({})).toHaveLength(3)
    expect(await names({ Period: 120 })).toEqual(['list-c'])
    expect(await names({ Dimensions: [{ Name: 'a', Value: 'b' }] })).toEqual([])
  })
})

test.each([
  [{ EvaluationPeriods: undefined }, 'MissingRequiredParameterException', /EvaluationPeriods/],
  [{ Statistic: undefined }, 'MissingRequiredParameterException', /Statistic and ExtendedStatistic/],
  [{ ExtendedStatistic: 'p9' }, 'InvalidParameterCombinationException', /mutually exclusive/],
  [{ Period: 45 }, 'ValidationError', /10, 20, 30 or a multiple of 60/],
  [{ Period: 3000, EvaluationPeriods: 60 }, 'ValidationError', /more than a day/],
  [{ DatapointsToAlarm: 2 }, 'ValidationError', /DatapointsToAlarm/],
  [{ TreatMissingData: 'maybe' }, 'ValidationError', /^Option maybe is not supported/],
  [{ AlarmActions: ['nonsense'] }, 'ValidationError', /^Invalid arn syntax/],
  [{ AlarmActions: ['arn:aws:lambda:us-east-1:000000000000:function:f'] }, 'ValidationError', /SNS topics only/],
  [{ ComparisonOperator: 'Outside' }, 'ValidationError', /enum value set/],
  [{ ThresholdMetricId: 'ad1' }, 'ValidationError', /anomalies/],
])('PutMetricAlarm refuses %j', async (more, code, message) => {
  await expect(alarm('bad', more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('alarms that are not there', async () => {
  const state = { AlarmName: 'nobody', StateValue: 'OK', StateReason: '' } as const
  await expect(house.invoke('cloudwatch', 'SetAlarmState', state)).rejects.toMatchObject({ code: 'ResourceNotFound' })
  await expect(remove('nobody')).rejects.toMatchObject({ code: 'ResourceNotFound' })
  await expect(
    house.invoke('cloudwatch', 'SetAlarmState', { ...state, StateReasonData: 'no json' }),
  ).rejects.toMatchObject({ code: 'InvalidFormatFault' })
})

test('what is not there says why', async () => {
  await expect(
    house.invoke('cloudwatch', 'PutCompositeAlarm', { AlarmName: 'x', AlarmRule: 'TRUE' }),
  ).rejects.toMatchObject({ code: 'NotImplemented', message: expect.stringContaining('composite alarms') })
})

test('dashboards are kept as they are given', async () => {
  const DashboardName = 'main'
  const body = '{"widgets": []}'
  await house.invoke('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody: body })
  expect(await house.invoke('cloudwatch', 'GetDashboard', { DashboardName })).toEqual({
    DashboardName,
    DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/main',
    DashboardBody: body,
  })
  expect(
    (await house.invoke('cloudwatch', 'ListDashboards', { DashboardNamePrefix: 'ma' })).DashboardEntries,
  ).toMatchObject([{ DashboardName, Size: body.length }])
  await expect(house.invoke('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody: '[' })).rejects.toMatchObject(
    { code: 'DashboardInvalidInputError' },
  )
  await expect(
    house.invoke('cloudwatch', 'DeleteDashboards', { DashboardNames: ['main', 'other'] }),
  ).rejects.toMatchObject({ code: 'DashboardNotFoundError' })
  await house.invoke('cloudwatch', 'DeleteDashboards', { DashboardNames: ['main'] })
  await expect(house.invoke('cloudwatch', 'GetDashboard', { DashboardName })).rejects.toMatchObject({
    code: 'DashboardNotFoundError',
  })
})
