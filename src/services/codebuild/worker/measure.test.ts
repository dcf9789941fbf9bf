// What a build uses, from the sandbox to an alarm at a topic: with the house's CloudWatch and SNS, and the arithmetic by itself.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHostProvider } from '../../../sandbox/host/hostProvider.ts'
import type { SandboxProvider } from '../../../sandbox/sandbox.ts'
import { dockerForTests, ensureBusyboxImage } from '../../../sandbox/testImages.ts'
import { anyRole } from '../../../testing/anyRole.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { until } from '../../../testing/until.ts'
import { cloudwatch } from '../../cloudwatch/index.ts'
import { logs } from '../../logs/index.ts'
import { codebuildWith } from '../index.ts'
import { utilization } from './measure.ts'

const NAMES = [
  ...['CPUUtilized', 'CPUUtilizedPercent', 'MemoryUtilized', 'MemoryUtilizedPercent'],
  ...['StorageReadBytes', 'StorageWriteBytes'],
]
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:ops'
const engine = await dockerForTests()
const image = typeof engine === 'string' ? 'any' : await ensureBusyboxImage(engine)
let root: string
let house: TestHouse
let stop: () => Promise<void>
let provider: SandboxProvider
const published: { TopicArn: string; Subject: string }[] = []
const service = codebuildWith({
  sandboxes: () => provider,
  endpointIn: async call => call.config.endpoint,
  sweepMs: 50,
  measureMs: 250,
})

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-measure-'))
  await chmod(root, 0o755)
  house = await openHouse({
    services: [service, logs, cloudwatch],
    answers: {
      'sns.Publish': async input => {
        published.push(input)
        return { MessageId: 'x' }
      },
      ...anyRole,
    },
    now: '2026-01-01T00:00:10Z',
  })
  stop = await service.workers![0]!.start(scope => house.openCall(service, scope))
})
afterAll(async () => {
  await stop?.()
  await house?.close()
  await rm(root, { recursive: true, force: true })
})

const get = async (id: string) => (await house.invoke('codebuild', 'BatchGetBuilds', { ids: [id] })).builds![0]!
const busy = async (name: string) => {
  const commands = [
    'while :; do :; done & dd if=/dev/zero of=big bs=1048576 count=20 conv=fsync 2>/dev/null; sleep 600',
  ]
  await house.invoke('codebuild', 'CreateProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: '0.2', phases: { build: { commands } } }) },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
  })
  return (await house.invoke('codebuild', 'StartBuild', { projectName: name })).build!
}
const RANGE = { StartTime: new Date('2026-01-01T00:00:00Z'), EndTime: new Date('2026-01-01T01:00:00Z') }

describe.for(['host', ...(typeof engine === 'string' ? [] : ['docker'])])('a build in a %s sandbox', kind => {
  test('is measured by itself and as its project’s, and an alarm hears of it', { timeout: 60_000 }, async () => {
    provider =
      kind === 'host' || typeof engine === 'string' ? createHostProvider({ root: join(root, 'builds') }) : engine
    const project = `busy-${kind}`
    const { id, buildNumber } = await busy(project)
    const Dimensions = [
      { Name: 'BuildId', Value: id },
      { Name: 'BuildNumber', Value: String(buildNumber) },
      { Name: 'ProjectName', Value: project },
    ]
    const statistics = async (MetricName: string, dimensions: object[], Statistics: any[]) => {
      const query = { Namespace: 'AWS/CodeBuild', MetricName, Dimensions: dimensions, Period: 60, Statistics, ...RANGE }
      return (await house.invoke('cloudwatch', 'GetMetricStatistics', query as any)).Datapoints?.[0]
    }
    await until(async () => ((await statistics('CPUUtilizedPercent', Dimensions, ['Maximum']))?.Maximum ?? 0) > 5)
    const listed = await house.invoke('cloudwatch', 'ListMetrics', {
      Namespace: 'AWS/CodeBuild',
      Dimensions: [{ Name: 'BuildId', Value: id }],
    })
    expect(listed.Metrics!.map(({ MetricName }) => MetricName).sort()).toEqual([...NAMES].sort())
    const ofProject = [{ Name: 'ProjectName', Value: project }]
    expect((await statistics('CPUUtilized', ofProject, ['Maximum']))!.Maximum).toBeGreaterThan(50)
    expect((await statistics('MemoryUtilized', ofProject, ['Maximum']))!).toMatchObject({ Unit: 'Megabytes' })
    const memory = (await statistics('MemoryUtilizedPercent', ofProject, ['Maximum']))!.Maximum!
    expect(memory).toBeGreaterThan(0)
    expect(memory).toBeLessThan(100)
    const Metric = { Namespace: 'AWS/CodeBuild', MetricName: 'StorageWriteBytes', Dimensions }
    const read = await house.invoke('cloudwatch', 'GetMetricData', {
      MetricDataQueries: [{ Id: 'w', MetricStat: { Metric, Period: 60, Stat: 'Average' } }],
      ...RANGE,
    })
    expect(read.MetricDataResults![0]!.Values).toHaveLength(1)
    await house.invoke('cloudwatch', 'PutMetricAlarm', {
      AlarmName: project,
      Namespace: 'AWS/CodeBuild',
      MetricName: 'CPUUtilizedPercent',
      Dimensions: ofProject,
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [TOPIC],
    })
    await house.invoke('codebuild', 'StopBuild', { id: id! })
    expect((await until(async () => ((await get(id!)).buildComplete ? get(id!) : undefined))).buildStatus).toBe(
      'STOPPED',
    )
    house.clock.advance(60_000)
    await house.runJobs()
    expect(published.map(({ TopicArn, Subject }) => [TopicArn, Subject])).toContainEqual([
      TOPIC,
      `ALARM: "${project}" in US East (N. Virginia)`,
    ])
    house.clock.set('2026-01-01T00:00:10Z')
  })
})

test('numbers are rates of the time between two samples, in parts of what the compute type has', () => {
  const usage = { cpus: 8, totalMemoryBytes: 64 * 2 ** 30 }
  const before = { ...usage, cpuSeconds: 10, memoryBytes: 0, readBytes: 1000, writtenBytes: 5000 }
  const after = { ...usage, cpuSeconds: 70, memoryBytes: 2 ** 30, readBytes: 7000, writtenBytes: 4000 }
  const data = utilization(
    { id: 'p:1', project: 'p', number: 7 },
    { at: 0, usage: before },
    { at: 60_000, usage: after },
    { limits: { cpus: 2, memoryBytes: 4 * 2 ** 30 }, now: () => new Date(0) },
  )
  const ofBuild = data.filter(({ Dimensions }) => Dimensions!.length === 3)
  expect(Object.fromEntries(ofBuild.map(({ MetricName, Value, Unit }) => [MetricName, [Value, Unit]]))).toEqual({
    CPUUtilized: [1024, 'None'],
    CPUUtilizedPercent: [50, 'Percent'],
    MemoryUtilized: [1024, 'Megabytes'],
    MemoryUtilizedPercent: [25, 'Percent'],
    StorageReadBytes: [100, 'Bytes/Second'],
    StorageWriteBytes: [0, 'Bytes/Second'],
  })
  expect(data).toHaveLength(12)
})
