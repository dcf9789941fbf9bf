// The calls that infrastructure code makes for CodeBuild, in its order, with the SDK: Terraform's resources (create, read, update, delete
// and delete again) as terraform-provider-aws makes them.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodeBuild, CreateProjectCommandInput } from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeProvider, openFakeProvider } from '../../src/services/codebuild/providers/testing/fakeProvider.ts'
import { unexpectedErrors, until } from '../clients.ts'
import { openYard, type Yard } from '../harness/yard.ts'

const Version = '2012-10-17'
let yard: Yard
let provider: FakeProvider
let codebuild: CodeBuild

beforeAll(async () => {
  provider = await openFakeProvider()
  yard = await openYard({ args: ['--sandbox', 'host'] })
  await writeFile(join(yard.dataDir, 'providers.json'), JSON.stringify(provider.table()))
  provider.commit('ada/app', { 'buildspec.yml': 'version: 0.2\n' })
  codebuild = yard.clients.codebuild
}, 90_000)
afterAll(async () => {
  const errors = yard ? unexpectedErrors(yard) : []
  await yard?.close()
  await provider?.close()
  expect(errors).toEqual([])
})

async function role(name: string): Promise<string> {
  const trust = { Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }
  const AssumeRolePolicyDocument = JSON.stringify({ Version, Statement: [trust] })
  const { Role } = await yard.clients.iam.createRole({ RoleName: name, AssumeRolePolicyDocument })
  return Role!.Arn!
}

/** As the provider does for what it calls an eventual consistency. */
async function whileNotAuthorized<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!/ot authorized to perform/.test((error as Error).message)) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

const project = (name: string, serviceRole: string): CreateProjectCommandInput => ({
  name,
  source: { type: 'GITHUB', location: 'https://github.com/ada/app.git', gitCloneDepth: 0, insecureSsl: false },
  artifacts: { type: 'NO_ARTIFACTS', overrideArtifactName: false, encryptionDisabled: false },
  environment: {
    type: 'LINUX_CONTAINER',
    image: 'aws/codebuild/standard:7.0',
    computeType: 'BUILD_GENERAL1_SMALL',
    imagePullCredentialsType: 'CODEBUILD',
    privilegedMode: false,
    environmentVariables: [],
  },
  cache: { type: 'NO_CACHE' },
  logsConfig: {
    cloudWatchLogs: { status: 'ENABLED' },
    s3Logs: { status: 'DISABLED', encryptionDisabled: false },
  },
  serviceRole,
  timeoutInMinutes: 60,
  queuedTimeoutInMinutes: 480,
  tags: [],
})

test('aws_codebuild_project, right after its role, read by its ARN', async () => {
  const created = role('stack')
  const serviceRole = 'arn:aws:iam::000000000000:role/stack'
  const [{ project: made }] = await Promise.all([
    whileNotAuthorized(() => codebuild.createProject(project('stack', serviceRole))),
    created,
  ])
  const arn = made!.arn!
  const read = async () => (await codebuild.batchGetProjects({ names: [arn] })).projects![0]
  expect(await read()).toMatchObject({
    name: 'stack',
    badge: { badgeEnabled: false },
    projectVisibility: 'PRIVATE',
    encryptionKey: 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3',
    tags: [],
  })
  await expect(codebuild.createProject(project('stack', serviceRole))).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: `Project already exists: ${arn}`,
  })
  await codebuild.updateProjectVisibility({ projectArn: arn, projectVisibility: 'PUBLIC_READ' })
  expect((await read())?.publicProjectAlias).toBeDefined()
  await codebuild.updateProjectVisibility({ projectArn: arn, projectVisibility: 'PRIVATE' })

  const vpcConfig = { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }
  const tags = [{ key: 'team', value: 'blue' }]
  const update = (more: object) => whileNotAuthorized(() => codebuild.updateProject({ name: 'stack', tags, ...more }))
  await update({
    vpcConfig,
    buildBatchConfig: { serviceRole, restrictions: { maximumBuildsAllowed: 10 } },
    concurrentBuildLimit: 4,
    badgeEnabled: true,
    sourceVersion: 'main',
    description: 'd',
  })
  expect(await read()).toMatchObject({ vpcConfig, concurrentBuildLimit: 4, sourceVersion: 'main', tags })
  await update({
    vpcConfig: {},
    buildBatchConfig: {},
    concurrentBuildLimit: -1,
    badgeEnabled: false,
    sourceVersion: '',
    description: '',
    fileSystemLocations: [],
    secondaryArtifacts: [],
    secondarySources: [],
    secondarySourceVersions: [],
    cache: { type: 'NO_CACHE' },
  })
  const after = await read()
  for (const gone of ['vpcConfig', 'buildBatchConfig', 'concurrentBuildLimit', 'sourceVersion', 'fileSystemLocations'])
    expect(after).not.toHaveProperty(gone)
  await codebuild.deleteProject({ name: arn })
  expect((await codebuild.batchGetProjects({ names: [arn] })).projectsNotFound).toEqual([arn])
  await codebuild.deleteProject({ name: arn })
}, 60_000)

test('aws_codebuild_source_credential and aws_codebuild_webhook', async () => {
  const token = { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: provider.token } as const
  const { arn } = await codebuild.importSourceCredentials(token)
  const { sourceCredentialsInfos } = await codebuild.listSourceCredentials({})
  expect(sourceCredentialsInfos).toMatchObject([{ arn, serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN' }])

  await codebuild.createProject(project('hooked', await role('hooked')))
  const filterGroups = [[{ type: 'EVENT', pattern: 'PUSH' } as const]]
  const { webhook } = await codebuild.createWebhook({ projectName: 'hooked', filterGroups, buildType: 'BUILD' })
  expect(webhook?.url).toContain('http')
  const read = async () => (await codebuild.batchGetProjects({ names: ['hooked'] })).projects![0]!.webhook
  expect(await read()).toMatchObject({
    filterGroups: [[{ type: 'EVENT', pattern: 'PUSH', excludeMatchedPattern: false }]],
    buildType: 'BUILD',
  })
  await expect(codebuild.createWebhook({ projectName: 'hooked' })).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
  })
  await codebuild.updateWebhook({ projectName: 'hooked', branchFilter: 'main', rotateSecret: false })
  expect(await read()).toMatchObject({ branchFilter: 'main' })
  await codebuild.deleteWebhook({ projectName: 'hooked' })
  expect(await read()).toBeUndefined()
  const gone = { name: 'ResourceNotFoundException' }
  await expect(codebuild.deleteWebhook({ projectName: 'hooked' })).rejects.toMatchObject(gone)
  await codebuild.deleteSourceCredentials({ arn: arn! })
  await expect(codebuild.deleteSourceCredentials({ arn: arn! })).rejects.toMatchObject(gone)
  await codebuild.deleteProject({ name: 'hooked' })
}, 60_000)

test('aws_codebuild_report_group with reports, and aws_codebuild_resource_policy', async () => {
  const group = { name: 'units', type: 'TEST', exportConfig: { exportConfigType: 'NO_EXPORT' } } as const
  const arn = (await codebuild.createReportGroup(group)).reportGroup!.arn!
  await expect(codebuild.createReportGroup(group)).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' })
  const read = async () => (await codebuild.batchGetReportGroups({ reportGroupArns: [arn] })).reportGroups![0]
  expect(await read()).toMatchObject({ arn, status: 'ACTIVE' })
  await codebuild.updateReportGroup({ arn, tags: [{ key: 'a', value: 'b' }] })

  const own = { Effect: 'Allow', Principal: { AWS: '111111111111' }, Resource: arn }
  const policy = JSON.stringify({ Version, Statement: [{ ...own, Action: ['codebuild:BatchGetReportGroups'] }] })
  expect((await codebuild.putResourcePolicy({ resourceArn: arn, policy })).resourceArn).toBe(arn)
  expect(JSON.parse((await codebuild.getResourcePolicy({ resourceArn: arn })).policy!)).toEqual(JSON.parse(policy))
  await codebuild.deleteResourcePolicy({ resourceArn: arn })
  await expect(codebuild.getResourcePolicy({ resourceArn: arn })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })

  const serviceRole = await role('reporting')
  const all = { Effect: 'Allow', Action: '*', Resource: '*' }
  const PolicyDocument = JSON.stringify({ Version, Statement: [all] })
  await yard.clients.iam.putRolePolicy({ RoleName: 'reporting', PolicyName: 'p', PolicyDocument })
  const commands = [`echo "<testsuite><testcase name='a'/></testsuite>" > r.xml`]
  const buildspec = JSON.stringify({
    version: 0.2,
    phases: { build: { commands } },
    reports: { [arn]: { files: ['r.xml'] } },
  })
  const source = { type: 'NO_SOURCE', buildspec } as const
  await codebuild.createProject({ ...project('reporting', serviceRole), source })
  const { build } = await codebuild.startBuild({ projectName: 'reporting' })
  await until(
    async () => (await codebuild.batchGetBuilds({ ids: [build!.id!] })).builds![0]!,
    ({ buildComplete }) => buildComplete === true,
    { pause: 50 },
  )
  await expect(codebuild.deleteReportGroup({ arn })).rejects.toMatchObject({ name: 'InvalidInputException' })
  await codebuild.deleteReportGroup({ arn, deleteReports: true })
  expect(await read()).toBeUndefined()
  expect((await codebuild.listReports({})).reports).toEqual([])
  await codebuild.deleteReportGroup({ arn })
}, 60_000)

test('aws_codebuild_fleet', async () => {
  const input = { name: 'crew', baseCapacity: 1, environmentType: 'LINUX_CONTAINER' } as const
  const arn = (await codebuild.createFleet({ ...input, computeType: 'BUILD_GENERAL1_SMALL' })).fleet!.arn!
  const read = async () => (await codebuild.batchGetFleets({ names: [arn] })).fleets![0]
  await until(read, fleet => fleet?.status?.statusCode === 'ACTIVE', { pause: 50 })
  await codebuild.updateFleet({ arn, baseCapacity: 2, overflowBehavior: 'ON_DEMAND' })
  const updated = await until(read, fleet => fleet?.status?.statusCode === 'ACTIVE', { pause: 50 })
  expect(updated).toMatchObject({ baseCapacity: 2, overflowBehavior: 'ON_DEMAND' })
  await codebuild.deleteFleet({ arn })
  await until(read, fleet => fleet === undefined, { pause: 50 })
}, 60_000)
