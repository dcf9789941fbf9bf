import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { type BuildRow, findBuild, saveBuild } from './builds.ts'
import { badgeDoor, codebuildWith } from './index.ts'
import { buildMetrics } from './metrics.ts'

const service = codebuildWith({
  sandboxes: () => {
    throw new Error('nothing is built here')
  },
  endpointIn: async () => 'http://endpoint.test',
})
let house: TestHouse
let server: Server
let url = ''
const put: { Namespace: string; MetricData: any[] }[] = []

beforeAll(async () => {
  house = await openHouse({
    services: [service],
    answers: {
      'cloudwatch.PutMetricData': async input => {
        put.push(input)
        return {}
      },
      'sts.GetCallerIdentity': async () => ({}),
      'codecommit.GetRepository': async () => ({ repositoryMetadata: { defaultBranch: 'main' } }),
    },
  })
  const door = badgeDoor({ openCall: scope => house.openCall(service, scope) })
  server = createServer((request, response) => {
    if (door.matches(request)) void door.handle(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise(closed => server?.close(closed))
  await house?.close()
})

const create = (name: string, more: object = {}) =>
  house.invoke('codebuild', 'CreateProject', {
    name,
    source: { type: 'CODECOMMIT', location: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
    badgeEnabled: true,
    ...more,
  } as any)
const start = async (projectName: string, more: object = {}) =>
  (await house.invoke('codebuild', 'StartBuild', { projectName, ...more })).build!.id!
const end = (id: string, status: BuildRow['status']) =>
  house.transaction(async ({ tx, scope, now }) => {
    const row = await findBuild(tx, scope, id)
    await saveBuild(tx, { ...row!, status, ended_at: now })
  }, service)

describe('badges', () => {
  const badge = async (address: string) => {
    const response = await fetch(address.replace('http://127.0.0.1:4566', url))
    expect(response.headers.get('content-type')).toContain('image/svg+xml')
    expect(response.headers.get('cache-control')).toContain('no-cache')
    return /<title>build: ([^<]*)</.exec(await response.text())?.[1]
  }

  test('say how the newest build of a branch stands', async () => {
    const { project } = await create('badged')
    const address = project!.badge!.badgeRequestUrl!
    expect(project!.badge!.badgeEnabled).toBe(true)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:4566\/badges\?uuid=[0-9a-f-]{36}&branch=main$/)
    expect(await badge(address)).toBe('unknown')
    const first = await start('badged')
    expect(await badge(address)).toBe('in progress')
    await end(first, 'SUCCEEDED')
    expect(await badge(address)).toBe('passing')
    await end(await start('badged', { sourceVersion: 'refs/heads/topic^{abc}' }), 'FAILED')
    expect(await badge(address)).toBe('passing')
    expect(await badge(address.replace('branch=main', 'branch=topic'))).toBe('failing')
    await end(await start('badged', { sourceVersion: 'main' }), 'STOPPED')
    expect(await badge(address)).toBe('failing')
    expect(await badge(address.replace('branch=main', 'tag=v1'))).toBe('unknown')
  })

  test('of projects without one, and of ids that nobody has, are unknown', async () => {
    const { project } = await create('plain')
    const address = project!.badge!.badgeRequestUrl!
    await end(await start('plain'), 'SUCCEEDED')
    const off = await house.invoke('codebuild', 'UpdateProject', { name: 'plain', badgeEnabled: false })
    expect(off.project!.badge).toEqual({ badgeEnabled: false })
    expect(await badge(address)).toBe('unknown')
    expect(await badge(`${url}/badges?uuid=00000000-0000-4000-8000-000000000000&branch=main`)).toBe('unknown')
    expect(await badge(`${url}/badges?uuid=%27;drop&branch=main`)).toBe('unknown')
  })

  test('are refused for sources without branches', async () => {
    const source = { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {build: {commands: [true]}}' }
    await expect(create('nosource', { source })).rejects.toMatchObject({ code: 'InvalidInputException' })
  })
})

describe('metrics', () => {
  test('count a build when it begins, and once however often the job runs', async () => {
    await house.runJobs()
    put.length = 0
    await create('metered')
    const id = await start('metered')
    const detail = { 'build-id': `arn:aws:codebuild:us-east-1:000000000000:build/${id}` }
    await house.transaction(call => call.addJob('putMetrics', { detail }), service)
    await house.runJobs()
    expect(put).toHaveLength(1)
    expect(put[0]!.Namespace).toBe('AWS/CodeBuild')
    expect(put[0]!.MetricData).toMatchObject([
      { MetricName: 'Builds', Value: 1, Unit: 'Count', Dimensions: [{ Name: 'ProjectName', Value: 'metered' }] },
      { MetricName: 'Builds', Value: 1, Unit: 'Count' },
    ])
    await house.invoke('codebuild', 'StopBuild', { id })
    await house.runJobs()
    expect(put).toHaveLength(2)
    const names = put[1]!.MetricData.map(({ MetricName }) => MetricName)
    expect(names).toContain('Duration')
    expect(names).toContain('QueuedDuration')
    expect(names).not.toContain('Builds')
    expect(names).not.toContain('FailedBuilds')
  })

  test.each([
    ['SUCCEEDED', ['SucceededBuilds']],
    ['FAILED', ['FailedBuilds']],
    ['TIMED_OUT', ['FailedBuilds']],
    ['STOPPED', []],
    ['FAULT', []],
  ] as const)('of a build that ended %s', (status, counted) => {
    const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
    const phases = [
      { phase: 'INSTALL', start: time(1), end: time(3), status: 'SUCCEEDED' },
      { phase: 'COMPLETED', start: time(9) },
    ]
    const row = { project: 'p', status, started_at: time(0), ended_at: time(9), progress: { phases } } as any
    const data = buildMetrics(row, 1).filter(({ Dimensions }) => !Dimensions)
    expect(data.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
      ...counted.map(name => [name, 1]),
      ['Duration', 9],
      ['InstallDuration', 2],
    ])
  })
})
