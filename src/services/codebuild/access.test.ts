// Which permission on which resource each operation needs, and which condition keys it tells, as in "Actions, resources, and condition
// keys for AWS CodeBuild" of the service authorization reference.

import type * as sdk from '@aws-sdk/client-codebuild'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Principal } from '../../operation/principal.ts'
import type { AccessCall } from '../../operation/service.ts'
import type { Tx } from '../../store/tx.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { access } from './access.ts'
import { CONDITION_KEYS, requestKeys } from './conditionKeys.ts'
import { codebuild } from './index.ts'

const ROLE = 'arn:aws:iam::000000000000:role/build'
const arn = (rest: string) => `arn:aws:codebuild:us-east-1:000000000000:${rest}`
const PROJECT = arn('project/app')
const GROUP = arn('report-group/units')
const REPORT = arn('report/units:00000000-0000-4000-8000-000000000000')
const FLEET = arn('fleet/crew:1')
const SANDBOX = arn('sandbox/app:2')

type Operation = keyof {
  [K in keyof typeof sdk as K extends `${infer Name}Command` ? (Name extends '$' ? never : Name) : never]: true
}

/** By operation: an input, and the resources that the reference names for it. */
const TABLE: Record<Operation, readonly [input: object, ...resources: string[]]> = {
  BatchDeleteBuilds: [{ ids: ['app:1', arn('build/app:2'), 'other:1'] }, PROJECT, arn('project/other')],
  BatchGetBuildBatches: [{ ids: ['app:1', arn('build-batch/app:2')] }, PROJECT],
  BatchGetBuilds: [{ ids: ['app:1'] }, PROJECT],
  BatchGetCommandExecutions: [{ sandboxId: 'app:2', commandExecutionIds: ['x'] }, SANDBOX],
  BatchGetFleets: [{ names: [FLEET] }, FLEET],
  BatchGetProjects: [{ names: ['app', PROJECT] }, PROJECT],
  BatchGetReportGroups: [{ reportGroupArns: [GROUP] }, GROUP],
  BatchGetReports: [{ reportArns: [REPORT] }, GROUP],
  BatchGetSandboxes: [{ ids: ['app:2', SANDBOX] }, PROJECT],
  CreateFleet: [{ name: 'crew' }, arn('fleet/crew')],
  CreateProject: [{ name: 'app', serviceRole: ROLE }, PROJECT, ROLE],
  CreateReportGroup: [{ name: 'units' }, GROUP],
  CreateWebhook: [{ projectName: 'app' }, PROJECT],
  DeleteBuildBatch: [{ id: 'app:1' }, PROJECT],
  DeleteFleet: [{ arn: FLEET }, FLEET],
  DeleteProject: [{ name: 'app' }, PROJECT],
  DeleteReport: [{ arn: REPORT }, GROUP],
  DeleteReportGroup: [{ arn: GROUP }, GROUP],
  DeleteResourcePolicy: [{ resourceArn: PROJECT }, PROJECT],
  DeleteSourceCredentials: [{ arn: arn('token/github') }, '*'],
  DeleteWebhook: [{ projectName: 'app' }, PROJECT],
  DescribeCodeCoverages: [{ reportArn: REPORT }, GROUP],
  DescribeTestCases: [{ reportArn: REPORT }, GROUP],
  GetReportGroupTrend: [{ reportGroupArn: GROUP, trendField: 'PASS_RATE' }, GROUP],
  GetResourcePolicy: [{ resourceArn: GROUP }, GROUP],
  ImportSourceCredentials: [{ serverType: 'GITHUB' }, '*'],
  InvalidateProjectCache: [{ projectName: 'app' }, PROJECT],
  ListBuildBatches: [{}, '*'],
  ListBuildBatchesForProject: [{ projectName: 'app' }, PROJECT],
  ListBuilds: [{}, '*'],
  ListBuildsForProject: [{ projectName: 'app' }, PROJECT],
  ListCommandExecutionsForSandbox: [{ sandboxId: 'app:2' }, SANDBOX],
  ListCuratedEnvironmentImages: [{}, '*'],
  ListFleets: [{}, '*'],
  ListProjects: [{}, '*'],
  ListReportGroups: [{}, '*'],
  ListReports: [{}, '*'],
  ListReportsForReportGroup: [{ reportGroupArn: GROUP }, GROUP],
  ListSandboxes: [{}, '*'],
  ListSandboxesForProject: [{ projectName: 'app' }, PROJECT],
  ListSharedProjects: [{}, '*'],
  ListSharedReportGroups: [{}, '*'],
  ListSourceCredentials: [{}, '*'],
  PutResourcePolicy: [{ resourceArn: PROJECT, policy: '{}' }, PROJECT],
  RetryBuild: [{ id: 'app:1' }, PROJECT],
  RetryBuildBatch: [{ id: 'app:1' }, PROJECT],
  StartBuild: [{ projectName: 'app', serviceRoleOverride: ROLE }, PROJECT, ROLE],
  StartBuildBatch: [{ projectName: 'app', buildBatchConfigOverride: { serviceRole: ROLE } }, PROJECT, ROLE],
  StartCommandExecution: [{ sandboxId: 'app:2', command: 'x' }, SANDBOX],
  StartSandbox: [{ projectName: 'app' }, PROJECT],
  StartSandboxConnection: [{ sandboxId: 'app:2' }, SANDBOX],
  StopBuild: [{ id: 'app:1' }, PROJECT],
  StopBuildBatch: [{ id: 'app:1' }, PROJECT],
  StopSandbox: [{ id: 'app:2' }, PROJECT],
  UpdateFleet: [{ arn: FLEET, fleetServiceRole: ROLE }, FLEET, ROLE],
  UpdateProject: [{ name: 'app', buildBatchConfig: { serviceRole: ROLE } }, PROJECT, ROLE],
  UpdateProjectVisibility: [{ projectArn: PROJECT, projectVisibility: 'PRIVATE' }, PROJECT],
  UpdateReportGroup: [{ arn: GROUP }, GROUP],
  UpdateWebhook: [{ projectName: 'app' }, PROJECT],
}

const root: Principal = { type: 'root', account: '000000000000', arn: 'arn:aws:iam::000000000000:root' }
const asRoot = {
  tx: {} as Tx,
  scope: { account: '000000000000', region: 'us-east-1' },
  principal: root,
} as AccessCall

test.each(Object.entries(TABLE))('%s', async (operation, [input, ...resources]) => {
  const needed = await access(asRoot, operation, input)
  expect(needed.map(({ action, resource }) => [action, resource])).toEqual(
    resources.map(resource => [resource === ROLE ? 'iam:PassRole' : `codebuild:${operation}`, resource]),
  )
  for (const { action, context } of needed)
    if (action === 'iam:PassRole') expect(context).toEqual({ 'iam:PassedToService': 'codebuild.amazonaws.com' })
})

describe('condition keys', () => {
  test('there are as many as in the reference', () => {
    const counts = Object.fromEntries(Object.entries(CONDITION_KEYS).map(([name, keys]) => [name, new Set(keys).size]))
    expect(counts).toEqual({
      ...{
        CreateProject: 84,
        UpdateProject: 84,
        StartBuild: 64,
        StartBuildBatch: 64,
        CreateFleet: 14,
        UpdateFleet: 14,
      },
      ...{ CreateReportGroup: 5, UpdateReportGroup: 5, CreateWebhook: 5, UpdateWebhook: 5 },
      ...{ UpdateProjectVisibility: 1, ImportSourceCredentials: 5 },
    })
  })

  test('a project is told member by member, lists by all values and by name', () => {
    const input = {
      name: 'app',
      source: { type: 'GITHUB', location: 'https://x', buildspec: 'version: 0.2', insecureSsl: false },
      environment: {
        image: 'a',
        privilegedMode: true,
        environmentVariables: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        computeConfiguration: { vCpu: 4 },
      },
      secondarySources: [{ type: 'S3', location: 'b/k', sourceIdentifier: 'two' }],
      vpcConfig: { vpcId: 'vpc-1', subnets: ['s1', 's2'] },
      concurrentBuildLimit: 2,
      tags: [{ key: 'team', value: 'blue' }],
    }
    expect(requestKeys('CreateProject', input)).toEqual({
      'codebuild:source': 'true',
      'codebuild:source.location': 'https://x',
      'codebuild:source.buildspec': 'true',
      'codebuild:source.insecureSsl': 'false',
      'codebuild:environment': 'true',
      'codebuild:environment.image': 'a',
      'codebuild:environment.privilegedMode': 'true',
      'codebuild:environment.environmentVariables': 'true',
      'codebuild:environment.environmentVariables.name': ['A', 'B'],
      'codebuild:environment.environmentVariables.value': ['1', '2'],
      'codebuild:environment.environmentVariables/A.value': '1',
      'codebuild:environment.environmentVariables/B.value': '2',
      'codebuild:environment.computeConfiguration': 'true',
      'codebuild:environment.computeConfiguration.vCpu': '4',
      'codebuild:secondarySources': 'true',
      'codebuild:secondarySources.sourceIdentifier': ['two'],
      'codebuild:secondarySources.location': ['b/k'],
      'codebuild:secondarySources/two.location': 'b/k',
      'codebuild:vpcConfig': 'true',
      'codebuild:vpcConfig.vpcId': 'vpc-1',
      'codebuild:vpcConfig.subnets': ['s1', 's2'],
      'codebuild:concurrentBuildLimit': '2',
      'aws:RequestTag/team': 'blue',
      'aws:TagKeys': ['team'],
    })
  })

  test('an override has the key of what it overrides', () => {
    const input = { projectName: 'app', imageOverride: 'a', buildspecOverride: 'x', encryptionKeyOverride: 'k' }
    expect(requestKeys('StartBuild', { ...input, fleetOverride: { fleetArn: 'f' } })).toEqual({
      'codebuild:environment': 'true',
      'codebuild:environment.image': 'a',
      'codebuild:environment.fleet.fleetArn': 'f',
      'codebuild:source': 'true',
      'codebuild:source.buildspec': 'true',
      'codebuild:encryptionKey': 'k',
    })
    expect(requestKeys('StartBuild', { projectName: 'app', imageOverride: undefined })).toEqual({})
  })
})

describe('policies with conditions', () => {
  let house: TestHouse
  let statements: object[] = []
  const user = {
    type: 'user',
    account: '000000000000',
    arn: 'arn:aws:iam::000000000000:user/ada',
    userName: 'ada',
    userId: 'AIDA',
  } as Principal
  const allow = (Condition: object, Action = 'codebuild:*') => ({ Effect: 'Allow', Action, Resource: '*', Condition })
  const deny = (Condition: object, Action = 'codebuild:*') => ({ Effect: 'Deny', Action, Resource: '*', Condition })
  const all = { Effect: 'Allow', Action: '*', Resource: '*' }
  const start = (more: object = {}) => house.as(user).invoke('codebuild', 'StartBuild', { projectName: 'app', ...more })
  const denied = { code: 'AccessDeniedException' }

  beforeAll(async () => {
    house = await openHouse({
      services: [codebuild],
      answers: { 'sts.GetCallerIdentity': async () => ({}) },
      identity: {
        policiesOf: async () => ({ identity: [JSON.stringify({ Version: '2012-10-17', Statement: statements })] }),
      },
    })
    await house.invoke('codebuild', 'CreateProject', {
      name: 'app',
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: ROLE,
      tags: [{ key: 'team', value: 'blue' }],
    })
  })
  afterAll(() => house?.close())
  beforeEach(() => {
    statements = [all]
  })

  test('nobody may bring another buildspec', async () => {
    statements = [all, deny({ Null: { 'codebuild:source.buildspec': 'false' } })]
    await start()
    await expect(start({ buildspecOverride: 'version: 0.2\n' })).rejects.toMatchObject(denied)
  })

  test('only some compute types', async () => {
    statements = [
      allow({
        'ForAnyValue:StringEqualsIfExists': { 'codebuild:environment.computeType': ['BUILD_GENERAL1_SMALL'] },
      }),
    ]
    await start({ computeTypeOverride: 'BUILD_GENERAL1_SMALL' })
    await expect(start({ computeTypeOverride: 'BUILD_GENERAL1_LARGE' })).rejects.toMatchObject(denied)
  })

  test('no privileged mode, and no variable of a name', async () => {
    statements = [
      all,
      deny({ Bool: { 'codebuild:environment.privilegedMode': 'true' } }),
      deny({ 'ForAnyValue:StringLike': { 'codebuild:environment.environmentVariables.name': ['AWS_*'] } }),
      deny({ StringEquals: { 'codebuild:environment.environmentVariables/STAGE.value': 'prod' } }),
    ]
    const variable = (name: string, value: string) => ({ environmentVariablesOverride: [{ name, value }] })
    await start(variable('STAGE', 'test'))
    await expect(start({ privilegedModeOverride: true })).rejects.toMatchObject(denied)
    await expect(start(variable('AWS_REGION', 'x'))).rejects.toMatchObject(denied)
    await expect(start(variable('STAGE', 'prod'))).rejects.toMatchObject(denied)
  })

  test('projects by their tags', async () => {
    statements = [allow({ StringEquals: { 'aws:ResourceTag/team': 'blue' } })]
    await start()
    statements = [allow({ StringEquals: { 'aws:ResourceTag/team': 'red' } })]
    await expect(start()).rejects.toMatchObject(denied)
  })

  test('projects with the tags that they must have', async () => {
    statements = [all, deny({ Null: { 'aws:RequestTag/team': 'true' } }, 'codebuild:CreateProject')]
    const create = (more: object) =>
      house.as(user).invoke('codebuild', 'CreateProject', {
        name: 'tagged',
        source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
        serviceRole: ROLE,
        ...more,
      })
    await expect(create({})).rejects.toMatchObject(denied)
    await create({ tags: [{ key: 'team', value: 'blue' }] })
  })
})
