// CloudWatch and what CodeBuild tells it, as the aws command line of two generations and a browser see them.

import { existsSync } from 'node:fs'
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import { SNS } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { untilIn } from './harness/builds.ts'
import { client, openYard, type Yard } from './harness/yard.ts'

let yard: Yard
beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
}, 90_000)
afterAll(() => yard?.close(), 60_000)

// Newer ones speak CBOR and compress large bodies, Debian's speaks Query.
const programs = ['aws', '/usr/bin/aws'].filter(program => program === 'aws' || existsSync(program))

const RANGE = { StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 600_000) }
const times = ['--start-time', RANGE.StartTime.toISOString(), '--end-time', RANGE.EndTime.toISOString()]

test.each(programs)(
  '%s puts and reads metrics and alarms',
  async program => {
    const aws = async (...args: string[]) => {
      const all = ['cloudwatch', ...args, '--output', 'json', '--endpoint-url', yard.endpoint]
      const { stdout } = await client(yard, program, all)
      return stdout ? JSON.parse(stdout) : undefined
    }
    const Namespace = program === 'aws' ? 'Smoke/New' : 'Smoke/Old'
    const metric = ['--namespace', Namespace, '--metric-name', 'Requests']
    // Large enough to be compressed.
    const data = Array.from({ length: 400 }, (_, index) => ({ MetricName: 'Requests', Value: index, Unit: 'Count' }))
    await aws('put-metric-data', '--namespace', Namespace, '--metric-data', JSON.stringify(data))
    const statistics = ['--period', '3600', '--statistics', 'Sum', 'SampleCount']
    const { Datapoints } = await aws('get-metric-statistics', ...metric, ...times, ...statistics)
    expect(Datapoints).toMatchObject([{ Sum: 79_800, SampleCount: 400, Unit: 'Count' }])
    const MetricStat = { Metric: { Namespace, MetricName: 'Requests' }, Period: 3600, Stat: 'p50' }
    const queries = [
      { Id: 'm1', MetricStat, ReturnData: false },
      { Id: 'e1', Expression: 'm1 * 2' },
    ]
    const { MetricDataResults } = await aws(
      'get-metric-data',
      '--metric-data-queries',
      JSON.stringify(queries),
      ...times,
    )
    expect(MetricDataResults[0].Values[0]).toBeGreaterThan(390)
    await aws(
      ...['put-metric-alarm', '--alarm-name', Namespace, ...metric, '--statistic', 'Sum', '--period', '60'],
      ...['--evaluation-periods', '1', '--threshold', '1e6', '--comparison-operator', 'GreaterThanThreshold'],
    )
    const { MetricAlarms } = await aws('describe-alarms', '--alarm-names', Namespace)
    expect(MetricAlarms).toMatchObject([{ AlarmName: Namespace, Threshold: 1e6 }])
    const old = ['--value', '1', '--timestamp', '2001-01-01T00:00:00Z']
    await expect(aws('put-metric-data', ...metric, ...old)).rejects.toThrow(
      /\(InvalidParameterValue\).*within the past two weeks/,
    )
  },
  240_000,
)

test('an alarm may publish to a topic with the policy that topics have by default', async () => {
  const { endpoint, accessKeyId, secretAccessKey } = yard
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey } }
  const cloudwatch = new CloudWatch(settings)
  const sns = new SNS(settings)
  try {
    const { TopicArn } = await sns.createTopic({ Name: 'ops' })
    await cloudwatch.putMetricAlarm({
      AlarmName: 'loud',
      Namespace: 'Smoke',
      MetricName: 'Requests',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [TopicArn!],
    })
    await cloudwatch.setAlarmState({ AlarmName: 'loud', StateValue: 'ALARM', StateReason: 'trying out' })
    const action = await untilIn(
      yard,
      async () => {
        const history = await cloudwatch.describeAlarmHistory({ AlarmName: 'loud', HistoryItemType: 'Action' })
        return history.AlarmHistoryItems?.[0]
      },
      { otherwise: () => 'the alarm has not acted' },
    )
    expect(action.HistorySummary).toBe(`Successfully executed action ${TopicArn}`)
    await expect(cloudwatch.getDashboard({ DashboardName: 'none' })).rejects.toMatchObject({
      name: expect.stringMatching(/^(DashboardNotFoundError|ResourceNotFound)$/),
    })
  } finally {
    cloudwatch.destroy()
    sns.destroy()
  }
}, 90_000)
