// How each operation fails: the errors of its model, with AWS's sentences where they are known.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../core/serviceError.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { codebuild } from './index.ts'

const ROLE = 'arn:aws:iam::000000000000:role/build'
const arn = (rest: string) => `arn:aws:codebuild:us-east-1:000000000000:${rest}`
const NOBODY = '00000000-0000-4000-8000-000000000000'

let house: TestHouse
const roles = new Set([ROLE])
beforeAll(async () => {
  house = await openHouse({
    services: [codebuild],
    answers: {
      'sts.GetCallerIdentity': async (_input, principal) => {
        if (principal.type === 'assumedRole' && !roles.has(principal.roleArn))
          throw new ServiceError('AccessDenied', 'not yet')
        return {}
      },
    },
  })
  await create('app')
})
afterAll(() => house?.close())

const project = (name: string) => ({
  name,
  source: { type: 'NO_SOURCE' as const, buildspec: 'version: 0.2\n' },
  artifacts: { type: 'NO_ARTIFACTS' as const },
  environment: {
    type: 'LINUX_CONTAINER' as const,
    image: 'any',
    computeType: 'BUILD_GENERAL1_SMALL' as const,
  },
  serviceRole: ROLE,
})
const create = (name: string, more: object = {}) =>
  house.invoke('codebuild', 'CreateProject', { ...project(name), ...more })
const invoke = (operation: string, input: object) =>
  house.invoke('codebuild', operation as 'ListProjects', input as never)

type Row = readonly [operation: string, input: object, code: string, message: RegExp | string]
const INVALID = 'InvalidInputException'
const MISSING = 'ResourceNotFoundException'
const valid = (what: string) => new RegExp(`^1 validation error detected: Value .*at '${what}' failed to satisfy`)

const ROWS: readonly Row[] = [
  ['BatchDeleteBuilds', { ids: [] }, INVALID, valid('ids')],
  ['BatchGetBuildBatches', { ids: Array.from({ length: 101 }, (_, n) => `a:${n}`) }, INVALID, valid('ids')],
  ['BatchGetBuilds', { ids: ['app'] }, INVALID, 'Invalid build ID provided'],
  ['BatchGetCommandExecutions', { sandboxId: 'app:1', commandExecutionIds: [] }, INVALID, /./],
  ['BatchGetFleets', { names: [] }, INVALID, valid('names')],
  ['BatchGetProjects', { names: [] }, INVALID, valid('names')],
  ['BatchGetReportGroups', { reportGroupArns: [] }, INVALID, valid('reportGroupArns')],
  ['BatchGetReports', { reportArns: [] }, INVALID, valid('reportArns')],
  ['BatchGetSandboxes', { ids: [''] }, INVALID, valid('ids')],
  ['CreateFleet', { name: 'f', baseCapacity: -1 }, INVALID, /./],
  ['CreateProject', project('app'), 'ResourceAlreadyExistsException', `Project already exists: ${arn('project/app')}`],
  ['CreateReportGroup', { name: 'units', type: 'OTHER', exportConfig: {} }, INVALID, valid('type')],
  ['CreateWebhook', { projectName: 'none' }, MISSING, /none/],
  ['CreateWebhook', { projectName: 'app' }, INVALID, /./],
  ['DeleteBuildBatch', { id: '' }, INVALID, /./],
  ['DeleteFleet', { arn: '' }, INVALID, valid('arn')],
  ['DeleteProject', { name: '' }, INVALID, valid('name')],
  ['DeleteReport', { arn: 'units' }, INVALID, /./],
  ['DeleteReportGroup', { arn: '' }, INVALID, valid('arn')],
  ['DeleteResourcePolicy', { resourceArn: 'x' }, INVALID, /./],
  ['DeleteSourceCredentials', { arn: arn('token/github') }, MISSING, /./],
  ['DeleteWebhook', { projectName: 'app' }, MISSING, /./],
  ['DescribeCodeCoverages', { reportArn: 'x' }, INVALID, /./],
  ['DescribeTestCases', { reportArn: arn(`report/none:${NOBODY}`) }, MISSING, /./],
  ['GetReportGroupTrend', { reportGroupArn: arn('report-group/none'), trendField: 'PASS_RATE' }, MISSING, /./],
  ['GetResourcePolicy', { resourceArn: arn('project/app') }, MISSING, /./],
  ['ImportSourceCredentials', { serverType: 'GITHUB', authType: 'OTHER', token: 't' }, INVALID, valid('authType')],
  ['InvalidateProjectCache', { projectName: 'none' }, MISSING, /none/],
  ['ListBuildBatches', { nextToken: 'x' }, INVALID, /./],
  ['ListBuildBatches', { maxResults: 101 }, INVALID, valid('maxResults')],
  ['ListBuildBatchesForProject', { projectName: 'none' }, MISSING, /none/],
  ['ListBuilds', { nextToken: 'x' }, INVALID, /./],
  [
    'ListBuildsForProject',
    { projectName: 'none' },
    MISSING,
    `The provided project ${arn('project/none')} does not exist`,
  ],
  ['ListCommandExecutionsForSandbox', { sandboxId: `app:${NOBODY}` }, MISSING, /./],
  ['ListFleets', { nextToken: 'x' }, INVALID, /./],
  ['ListProjects', { sortBy: 'SIZE' }, INVALID, valid('sortBy')],
  ['ListReportGroups', { maxResults: 0 }, INVALID, valid('maxResults')],
  ['ListReports', { nextToken: 'x' }, INVALID, /./],
  ['ListReportsForReportGroup', { reportGroupArn: arn('report-group/none') }, MISSING, /./],
  ['ListSandboxes', { maxResults: 101 }, INVALID, valid('maxResults')],
  ['ListSandboxesForProject', { projectName: 'none' }, MISSING, /./],
  ['ListSharedProjects', { nextToken: 'x' }, INVALID, /./],
  ['ListSharedReportGroups', { maxResults: 101 }, INVALID, valid('maxResults')],
  ['PutResourcePolicy', { resourceArn: arn('project/none'), policy: '{}' }, MISSING, 'Resource ARN does not exist'],
  ['PutResourcePolicy', { resourceArn: arn('project/app'), policy: '{}' }, INVALID, /./],
  ['RetryBuild', { id: 'app' }, INVALID, 'Invalid build ID provided'],
  ['RetryBuild', { id: `app:${NOBODY}` }, MISSING, /does not exist/],
  ['RetryBuildBatch', { id: `app:${NOBODY}` }, MISSING, /./],
  ['StartBuild', { projectName: 'none' }, MISSING, `Project cannot be found: ${arn('project/none')}`],
  ['StartBuild', { projectName: 'app', timeoutInMinutesOverride: 4 }, INVALID, valid('timeoutInMinutesOverride')],
  ['StartBuildBatch', { projectName: 'none' }, MISSING, `Project cannot be found: ${arn('project/none')}`],
  ['StartBuildBatch', { projectName: 'app' }, INVALID, /buildBatchConfig/],
  ['StartCommandExecution', { sandboxId: `app:${NOBODY}`, command: 'ls' }, MISSING, /./],
  ['StartSandbox', { projectName: 'none' }, MISSING, /./],
  ['StartSandboxConnection', { sandboxId: `app:${NOBODY}` }, MISSING, /./],
  ['StopBuild', { id: 'app' }, INVALID, 'Invalid build ID provided'],
  ['StopBuild', { id: `app:${NOBODY}` }, MISSING, /./],
  ['StopBuildBatch', { id: `app:${NOBODY}` }, MISSING, /./],
  ['StopSandbox', { id: `app:${NOBODY}` }, MISSING, /./],
  ['UpdateFleet', { arn: arn(`fleet/none:${NOBODY}`) }, MISSING, /./],
  ['UpdateProject', { name: 'none' }, MISSING, `Project cannot be found: ${arn('project/none')}`],
  ['UpdateProjectVisibility', { projectArn: arn('project/none'), projectVisibility: 'PRIVATE' }, MISSING, /./],
  ['UpdateReportGroup', { arn: arn('report-group/none') }, MISSING, /./],
  ['UpdateWebhook', { projectName: 'app' }, MISSING, /./],
]

test.each(ROWS)('%s %j: %s', async (operation, input, code, message) => {
  const words = typeof message === 'string' ? message : expect.stringMatching(message)
  await expect(invoke(operation, input)).rejects.toMatchObject({ code, message: words })
})

const S3 = { type: 'S3', location: 'b/k' }
/** What CreateProject refuses, and AWS's sentence. */
const REFUSED: readonly (readonly [more: object, message: RegExp | string])[] = [
  [{ name: 'a b' }, 'Only alphanumeric characters, dash, and underscore are supported'],
  [{ name: 'a'.repeat(151) }, 'Only alphanumeric characters, dash, and underscore are supported'],
  [{ source: { type: 'SVN' } }, 'Invalid type provided: Project source type'],
  [{ source: { type: 'S3' } }, 'Project source location is required'],
  [{ source: { type: 'CODECOMMIT' } }, 'Project source location is required'],
  [
    { source: { type: 'CODEPIPELINE' } },
    'Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE',
  ],
  [{ artifacts: { type: 'FTP' } }, 'Invalid type provided: Artifact type'],
  [
    { artifacts: { type: 'NO_ARTIFACTS', location: 'b' } },
    'Invalid artifacts: artifact type NO_ARTIFACTS should have null location',
  ],
  [
    { artifacts: { type: 'NO_ARTIFACTS', name: 'n' } },
    'Invalid artifacts: artifact type NO_ARTIFACTS should have null output name',
  ],
  [{ environment: { ...project('x').environment, type: 'BEOS' } }, 'Invalid type provided: BEOS'],
  [{ environment: { ...project('x').environment, computeType: 'HUGE' } }, 'Invalid compute type provided: HUGE'],
  [
    { serviceRole: 'arn:aws:iam::111111111111:role/x' },
    "Invalid service role: Service role account ID does not match caller's account",
  ],
  [
    { secondarySources: [{ ...S3, sourceIdentifier: 'a-b' }] },
    'Invalid input: identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length',
  ],
  [{ timeoutInMinutes: 4 }, valid('timeoutInMinutes')],
  [{ timeoutInMinutes: 2161 }, valid('timeoutInMinutes')],
  [{ queuedTimeoutInMinutes: 481 }, valid('queuedTimeoutInMinutes')],
  [{ description: 'd'.repeat(256) }, valid('description')],
  [{ tags: Array.from({ length: 51 }, (_, n) => ({ key: `k${n}`, value: 'v' })) }, valid('tags')],
  [{ tags: [{ key: '', value: 'v' }] }, /^1 validation error detected: Value '' at 'tags\.1\.member\.key'/],
  [{ cache: { type: 'S3' } }, /^Invalid cache: location is a required field/],
  [{ vpcConfig: { vpcId: 'v', subnets: Array(17).fill('s'), securityGroupIds: ['g'] } }, valid('vpcConfig.subnets')],
]

describe('CreateProject', () => {
  test.each(REFUSED)('%j', async (more, message) => {
    const words = typeof message === 'string' ? message : expect.stringMatching(message)
    await expect(create('refused', more)).rejects.toMatchObject({ code: INVALID, message: words })
    const { projectsNotFound } = await house.invoke('codebuild', 'BatchGetProjects', { names: ['refused'] })
    expect(projectsNotFound).toEqual(['refused'])
  })

  // Terraform and CloudFormation try again while this is said: roles take a moment on AWS.
  test('says that it is not authorized while the role can not be assumed, and works then', async () => {
    const serviceRole = 'arn:aws:iam::000000000000:role/late'
    await expect(create('late', { serviceRole })).rejects.toMatchObject({
      code: INVALID,
      message: expect.stringContaining('ot authorized to perform'),
    })
    roles.add(serviceRole)
    await create('late', { serviceRole })
  })
})
