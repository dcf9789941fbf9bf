// Every operation of CodeBuild's model, each called with success at least once through the AWS SDK against one real server.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeProvider, openFakeProvider } from '../src/services/codebuild/providers/testing/fakeProvider.ts'
import { until } from './clients.ts'
import { openYard, type Yard } from './harness/yard.ts'

/** Operations of the model that are expected to fail with NotImplemented. An operation that is carried out must not be named here. */
const UNSUPPORTED: readonly string[] = []

const OPERATIONS = Object.keys(sdk)
  .flatMap(name => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? [])
  .sort()
/** Operations that were answered without an error. */
const succeeded = new Set<string>()

let yard: Yard
let provider: FakeProvider
let codebuild: sdk.CodeBuild

beforeAll(async () => {
  provider = await openFakeProvider()
  yard = await openYard({ args: ['--sandbox', 'host'] })
  await writeFile(join(yard.dataDir, 'providers.json'), JSON.stringify(provider.table()))
  const { iam, s3 } = yard.clients
  const Version = '2012-10-17'
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  await iam.createRole({ RoleName: 'all', AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) })
  const statement = { Effect: 'Allow', Action: '*', Resource: '*' }
  const PolicyDocument = JSON.stringify({ Version, Statement: [statement] })
  await iam.putRolePolicy({ RoleName: 'all', PolicyName: 'p', PolicyDocument })
  await s3.createBucket({ Bucket: 'cache' })
  codebuild = recording(yard.clients.codebuild)
}, 90_000)
afterAll(async () => {
  await yard?.close()
  await provider?.close()
})

/** The client, with each operation that succeeds noted. */
function recording(client: sdk.CodeBuild): sdk.CodeBuild {
  return new Proxy(client, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property)
      const name = String(property).replace(/^./, first => first.toUpperCase())
      if (typeof member !== 'function' || !OPERATIONS.includes(name)) return member
      return async (...input: unknown[]) => {
        const output: unknown = await member.apply(target, input)
        succeeded.add(name)
        return output
      }
    },
  })
}

const roleArn = 'arn:aws:iam::000000000000:role/all'
const spec = (commands: string[], more: object = {}) =>
  JSON.stringify({ version: 0.2, phases: { build: { commands } }, ...more })
const create = async (name: string, buildspec: string, more: object = {}) =>
  (
    await codebuild.createProject({
      name,
      source: { type: 'NO_SOURCE', buildspec },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roleArn,
      ...more,
    })
  ).project!
const ended = (id: string) =>
  until(
    async () => (await codebuild.batchGetBuilds({ ids: [id] })).builds![0]!,
    build => build.buildComplete === true,
    { pause: 50 },
  )

test('projects and their visibility', async () => {
  const { arn } = await create('app', spec(['echo built']))
  await codebuild.updateProject({ name: 'app', description: 'changed' })
  expect((await codebuild.batchGetProjects({ names: ['app'] })).projects).toMatchObject([{ description: 'changed' }])
  expect((await codebuild.listProjects({})).projects).toEqual(['app'])
  await codebuild.invalidateProjectCache({ projectName: 'app' })
  const shown = await codebuild.updateProjectVisibility({ projectArn: arn!, projectVisibility: 'PUBLIC_READ' })
  expect(shown.publicProjectAlias).toBeDefined()
  const { platforms } = await codebuild.listCuratedEnvironmentImages({})
  expect(platforms!.map(({ platform }) => platform)).toEqual(['AMAZON_LINUX', 'UBUNTU'])
  await create('gone', spec(['true']))
  await codebuild.deleteProject({ name: 'gone' })
  expect((await codebuild.listProjects({})).projects).toEqual(['app'])
}, 60_000)

test('builds', async () => {
  const { id } = (await codebuild.startBuild({ projectName: 'app' })).build!
  expect((await ended(id!)).buildStatus).toBe('SUCCEEDED')
  const again = (await codebuild.retryBuild({ id: id! })).build!
  expect((await ended(again.id!)).buildNumber).toBe(2)
  const long = (await codebuild.startBuild({ projectName: 'app', buildspecOverride: spec(['sleep 600']) })).build!
  await codebuild.stopBuild({ id: long.id! })
  expect((await ended(long.id!)).buildStatus).toBe('STOPPED')
  expect((await codebuild.listBuilds({})).ids).toHaveLength(3)
  expect((await codebuild.listBuildsForProject({ projectName: 'app' })).ids).toEqual([long.id, again.id, id])
  const { buildsDeleted } = await codebuild.batchDeleteBuilds({ ids: [long.id!] })
  expect(buildsDeleted).toEqual([long.arn])
}, 90_000)

test('batches', async () => {
  const batch = { 'build-list': [{ identifier: 'one' }, { identifier: 'two' }] }
  await create('batches', spec(['false'], { batch }), { buildBatchConfig: { serviceRole: roleArn } })
  const over = (id: string) =>
    until(
      async () => (await codebuild.batchGetBuildBatches({ ids: [id] })).buildBatches![0]!,
      ({ complete }) => complete === true,
      { pause: 50 },
    )
  const { id } = (await codebuild.startBuildBatch({ projectName: 'batches' })).buildBatch!
  expect((await over(id!)).buildBatchStatus).toBe('FAILED')
  const { buildBatch } = await codebuild.retryBuildBatch({ id: id!, retryType: 'RETRY_FAILED_BUILDS' })
  await over(buildBatch!.id!)
  const slow = spec(['sleep 600'], { batch })
  const long = (await codebuild.startBuildBatch({ projectName: 'batches', buildspecOverride: slow })).buildBatch!
  await codebuild.stopBuildBatch({ id: long.id! })
  expect((await over(long.id!)).buildBatchStatus).toBe('STOPPED')
  expect((await codebuild.listBuildBatches({})).ids).toContain(id)
  expect((await codebuild.listBuildBatchesForProject({ projectName: 'batches' })).ids).toContain(id)
  expect((await codebuild.deleteBuildBatch({ id: id! })).statusCode).toBeDefined()
}, 120_000)

test('reports', async () => {
  const named = { type: 'TEST', exportConfig: { exportConfigType: 'NO_EXPORT' } } as const
  const arn = (await codebuild.createReportGroup({ name: 'units', ...named })).reportGroup!.arn!
  await codebuild.updateReportGroup({ arn, tags: [{ key: 'a', value: 'b' }] })
  const cobertura =
    '<coverage><packages><package><classes><class filename="a.js"><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class></classes></package></packages></coverage>'
  const commands = [
    `printf '%s' '<testsuite name="s"><testcase name="adds"/><testcase name="pays"><failure message="no"/></testcase></testsuite>' > unit.xml`,
    `printf '%s' '${cobertura}' > cover.xml`,
  ]
  const reports = {
    [arn]: { files: ['unit.xml'] },
    cover: { files: ['cover.xml'], 'file-format': 'COBERTURAXML' },
  }
  await create('tested', spec(commands, { reports }))
  const { build } = await codebuild.startBuild({ projectName: 'tested' })
  const { reportArns } = await ended(build!.id!)
  expect(reportArns).toHaveLength(2)
  const found = (await codebuild.batchGetReports({ reportArns })).reports!
  const unit = found.find(({ type }) => type === 'TEST')!.arn!
  const cover = found.find(({ type }) => type === 'CODE_COVERAGE')!.arn!
  expect((await codebuild.describeTestCases({ reportArn: unit })).testCases).toHaveLength(2)
  expect((await codebuild.describeCodeCoverages({ reportArn: cover })).codeCoverages).toMatchObject([
    { filePath: 'a.js', linesCovered: 1, linesMissed: 1 },
  ])
  expect((await codebuild.getReportGroupTrend({ reportGroupArn: arn, trendField: 'PASS_RATE' })).rawData).toMatchObject(
    [{ reportArn: unit, data: '50' }],
  )
  expect((await codebuild.listReports({})).reports).toHaveLength(2)
  expect((await codebuild.listReportsForReportGroup({ reportGroupArn: arn })).reports).toEqual([unit])
  expect((await codebuild.batchGetReportGroups({ reportGroupArns: [arn] })).reportGroups).toMatchObject([{ arn }])
  expect((await codebuild.listReportGroups({})).reportGroups).toHaveLength(2)
  await codebuild.deleteReport({ arn: unit })
  await codebuild.deleteReportGroup({ arn })
  expect((await codebuild.listReportGroups({})).reportGroups).toHaveLength(1)
}, 90_000)

test('fleets', async () => {
  const size = { baseCapacity: 1, environmentType: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL' } as const
  const arn = (await codebuild.createFleet({ name: 'crew', ...size })).fleet!.arn!
  expect((await codebuild.batchGetFleets({ names: [arn] })).fleets).toMatchObject([{ name: 'crew' }])
  expect((await codebuild.listFleets({})).fleets).toEqual([arn])
  await codebuild.updateFleet({ arn, baseCapacity: 2 })
  await codebuild.deleteFleet({ arn })
}, 60_000)

test('sandboxes and commands in them', async () => {
  const { sandbox } = await codebuild.startSandbox({ projectName: 'app' })
  const id = sandbox!.id!
  const get = async () => (await codebuild.batchGetSandboxes({ ids: [id] })).sandboxes![0]!
  await until(get, ({ currentSession }) => currentSession?.currentPhase === 'RUN_SANDBOX', { pause: 50 })
  const command = { sandboxId: id, command: 'echo hello from inside' }
  const { commandExecution } = await codebuild.startCommandExecution(command)
  const done = await until(
    async () => {
      const asked = { sandboxId: id, commandExecutionIds: [commandExecution!.id!] }
      return (await codebuild.batchGetCommandExecutions(asked)).commandExecutions![0]!
    },
    ({ status }) => status !== 'IN_PROGRESS',
    { pause: 50 },
  )
  expect(done).toMatchObject({ status: 'SUCCEEDED', exitCode: '0' })
  expect((await codebuild.listCommandExecutionsForSandbox({ sandboxId: id })).commandExecutions).toHaveLength(1)
  expect((await codebuild.startSandboxConnection({ sandboxId: id })).ssmSession?.streamUrl).toBeDefined()
  expect((await codebuild.listSandboxes({})).ids).toEqual([id])
  expect((await codebuild.listSandboxesForProject({ projectName: 'app' })).ids).toEqual([id])
  await codebuild.stopSandbox({ id })
  await until(get, ({ status }) => status !== 'IN_PROGRESS', { pause: 50 })
}, 90_000)

test('credentials and webhooks of git providers', async () => {
  provider.commit('ada/private-app', { 'buildspec.yml': spec(['true']) })
  const token = { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: provider.token } as const
  const { arn } = await codebuild.importSourceCredentials(token)
  expect((await codebuild.listSourceCredentials({})).sourceCredentialsInfos).toMatchObject([{ arn }])
  await create('hooked', '', { source: { type: 'GITHUB', location: 'https://github.com/ada/private-app.git' } })
  const { webhook } = await codebuild.createWebhook({ projectName: 'hooked' })
  expect(webhook?.url).toContain(provider.url)
  const filterGroups = [[{ type: 'EVENT', pattern: 'PUSH' } as const]]
  await codebuild.updateWebhook({ projectName: 'hooked', filterGroups })
  await codebuild.deleteWebhook({ projectName: 'hooked' })
  await codebuild.deleteSourceCredentials({ arn: arn! })
}, 60_000)

test('sharing', async () => {
  const resourceArn = 'arn:aws:codebuild:us-east-1:000000000000:project/app'
  const allow = { Effect: 'Allow', Principal: { AWS: '111111111111' }, Action: 'codebuild:BatchGetProjects' }
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...allow, Resource: resourceArn }] })
  await codebuild.putResourcePolicy({ resourceArn, policy })
  expect((await codebuild.getResourcePolicy({ resourceArn })).policy).toBe(policy)
  expect((await codebuild.listSharedProjects({})).projects).toEqual([])
  expect((await codebuild.listSharedReportGroups({})).reportGroups).toEqual([])
  await codebuild.deleteResourcePolicy({ resourceArn })
}, 60_000)

test('every operation of the model was called with success, but for those that are said to be missing', () => {
  expect(OPERATIONS).toHaveLength(59)
  expect(OPERATIONS.filter(name => !succeeded.has(name))).toEqual(UNSUPPORTED)
})
