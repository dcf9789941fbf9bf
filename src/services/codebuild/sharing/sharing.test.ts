// Projects and report groups that another account shares: what its policy may say, and what it then lets the other account do.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { codebuildWith } from '../index.ts'

const OTHER = '111111111111'
const PROJECT = 'arn:aws:codebuild:us-east-1:000000000000:project/'
const GROUP = 'arn:aws:codebuild:us-east-1:000000000000:report-group/'
const user = (account: string, name: string): Principal => ({
  type: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/${name}`,
  userId: `AIDA${name}`,
  userName: name,
})
const service = codebuildWith({
  sandboxes: () => {
    throw new Error('nothing is built here')
  },
  endpointIn: async () => 'http://endpoint.test',
})
let house: TestHouse
const theirs = (principal = user(OTHER, 'ada')) =>
  house.as(principal, { account: principal.account, region: 'us-east-1' }).invoke

beforeAll(async () => {
  house = await openHouse({ services: [service], answers: { 'sts.GetCallerIdentity': async () => ({}) } })
})
afterAll(() => house?.close())

const create = (name: string) =>
  house.invoke('codebuild', 'CreateProject', {
    name,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
  })
const READ = ['codebuild:BatchGetProjects', 'codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject']
const READ_REPORTS = [
  'codebuild:BatchGetReportGroups',
  'codebuild:BatchGetReports',
  'codebuild:ListReportsForReportGroup',
  'codebuild:DescribeTestCases',
]
const policy = (resource: string, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: OTHER }, Action: READ, Resource: resource, ...more }],
  })
const put = (resourceArn: string, text = policy(resourceArn)) =>
  house.invoke('codebuild', 'PutResourcePolicy', { resourceArn, policy: text })

describe('a shared project', () => {
  test('is read by the other account by its ARN with its builds, and is not run, changed or shared on', async () => {
    await create('shared')
    const { id } = (await house.invoke('codebuild', 'StartBuild', { projectName: 'shared' })).build!
    const arn = `${PROJECT}shared`
    const look = () => theirs()('codebuild', 'BatchGetProjects', { names: [arn] })
    await expect(look()).rejects.toMatchObject({ code: 'AccessDeniedException' })
    expect(await put(arn)).toEqual({ resourceArn: arn })
    expect((await look()).projects).toMatchObject([{ name: 'shared', arn }])
    const ids = await theirs()('codebuild', 'ListBuildsForProject', { projectName: arn })
    expect(ids.ids).toEqual([id])
    const buildArn = `arn:aws:codebuild:us-east-1:000000000000:build/${id}`
    const builds = await theirs()('codebuild', 'BatchGetBuilds', { ids: [buildArn] })
    expect(builds.builds).toMatchObject([{ id, arn: buildArn, projectName: 'shared' }])
    // Names are the caller's own.
    expect(await theirs()('codebuild', 'BatchGetProjects', { names: ['shared'] })).toMatchObject({
      projects: [],
      projectsNotFound: ['shared'],
    })
    const refused = { code: 'AccessDeniedException' }
    await expect(theirs()('codebuild', 'StartBuild', { projectName: arn })).rejects.toMatchObject(refused)
    await expect(
      theirs()('codebuild', 'PutResourcePolicy', { resourceArn: arn, policy: policy(arn) }),
    ).rejects.toMatchObject(refused)
    await expect(theirs()('codebuild', 'GetResourcePolicy', { resourceArn: arn })).rejects.toMatchObject(refused)
    await expect(
      theirs()('codebuild', 'UpdateProjectVisibility', { projectArn: arn, projectVisibility: 'PUBLIC_READ' }),
    ).rejects.toMatchObject(refused)
    await expect(
      theirs(user('222222222222', 'eve'))('codebuild', 'BatchGetProjects', { names: [arn] }),
    ).rejects.toMatchObject(refused)
    await house.invoke('codebuild', 'DeleteResourcePolicy', { resourceArn: arn })
    await expect(look()).rejects.toMatchObject(refused)
  })

  test('keeps its policy as it was put, and loses it with the project', async () => {
    await create('kept')
    const arn = `${PROJECT}kept`
    const missing = { code: 'ResourceNotFoundException', message: 'Resource ARN resource policy does not exist' }
    const get = () => house.invoke('codebuild', 'GetResourcePolicy', { resourceArn: arn })
    await expect(get()).rejects.toMatchObject(missing)
    const text = `  ${policy(arn, { Sid: 'a' })}  `
    await put(arn, text)
    expect(await get()).toEqual({ policy: text })
    await put(arn)
    expect(await get()).toEqual({ policy: policy(arn) })
    await house.invoke('codebuild', 'DeleteProject', { name: 'kept' })
    await create('kept')
    await expect(get()).rejects.toMatchObject(missing)
    await house.invoke('codebuild', 'DeleteResourcePolicy', { resourceArn: arn })
  })

  test('with one user is not shared with another user of the account', async () => {
    await create('personal')
    const arn = `${PROJECT}personal`
    await put(arn, policy(arn, { Principal: { AWS: [`arn:aws:iam::${OTHER}:user/ada`] } }))
    const look = (name: string) => theirs(user(OTHER, name))('codebuild', 'BatchGetProjects', { names: [arn] })
    expect((await look('ada')).projects).toHaveLength(1)
    await expect(look('bob')).rejects.toMatchObject({ code: 'AccessDeniedException' })
    const list = async (name: string) =>
      (await theirs(user(OTHER, name))('codebuild', 'ListSharedProjects', {})).projects
    expect(await list('ada')).toContain(arn)
    expect(await list('bob')).not.toContain(arn)
    await house.invoke('codebuild', 'DeleteResourcePolicy', { resourceArn: arn })
  })
})

describe('a policy is refused', () => {
  const arn = `${PROJECT}refused`
  beforeAll(() => create('refused'))
  test.each([
    ['that is no JSON', 'x', /Syntax errors in policy/],
    ['without a version', JSON.stringify({ Statement: JSON.parse(policy(arn)).Statement }), /Version is required/],
    [
      'with an action that is not shared',
      policy(arn, { Action: 'codebuild:StartBuild' }),
      /codebuild:StartBuild can not/,
    ],
    ['with all actions', policy(arn, { Action: 'codebuild:*' }), /codebuild:\* can not be shared/],
    ['of another resource', policy(`${PROJECT}other`), /is not arn:aws:codebuild/],
    ['for everybody', policy(arn, { Principal: '*' }), /must name the accounts or users/],
    ['for a star among accounts', policy(arn, { Principal: { AWS: '*' } }), /is not an account, a user or a role/],
    ['for a service', policy(arn, { Principal: { Service: 'sns.amazonaws.com' } }), /type Service is not supported/],
    ['without a principal', policy(arn, { Principal: undefined }), /Missing required field Principal/],
  ])('%s', async (_what, text, message) => {
    await expect(put(arn, text)).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringMatching(message),
    })
  })
  test('for what is not there, and for what can not have one', async () => {
    const gone = `${PROJECT}gone`
    await expect(put(gone, policy(gone))).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Resource ARN does not exist',
    })
    await expect(put('arn:aws:codebuild:us-east-1:000000000000:build/a:b', policy(arn))).rejects.toMatchObject({
      code: 'InvalidInputException',
    })
  })
})

test('a shared report group is read with its reports by the other account', async () => {
  await house.invoke('codebuild', 'CreateReportGroup', {
    name: 'units',
    type: 'TEST',
    exportConfig: { exportConfigType: 'NO_EXPORT' },
  })
  const arn = `${GROUP}units`
  const { reportArn } = await house.invoke('codebuild', 'CreateReport', {
    reportGroupArn: arn,
    executionId: 'arn:aws:codebuild:us-east-1:000000000000:build/a:b',
    clientToken: 't',
    type: 'TEST',
  })
  const names = { testRawDataPath: 'a.xml', prefix: '', testSuiteName: 's', message: '' }
  await house.invoke('codebuild', 'BatchPutTestCases', {
    reportArn,
    testCases: [{ ...names, name: 'adds', status: 'SUCCEEDED', durationInNanoSeconds: 1 }],
  })
  await put(arn, policy(arn, { Action: READ_REPORTS }))
  const invoke = theirs()
  expect(await invoke('codebuild', 'ListSharedReportGroups', {})).toEqual({ reportGroups: [arn] })
  expect((await invoke('codebuild', 'BatchGetReportGroups', { reportGroupArns: [arn] })).reportGroups).toMatchObject([
    { arn, name: 'units' },
  ])
  expect((await invoke('codebuild', 'ListReportsForReportGroup', { reportGroupArn: arn })).reports).toEqual([reportArn])
  expect((await invoke('codebuild', 'BatchGetReports', { reportArns: [reportArn] })).reports).toMatchObject([
    { arn: reportArn, reportGroupArn: arn },
  ])
  expect((await invoke('codebuild', 'DescribeTestCases', { reportArn })).testCases).toMatchObject([{ name: 'adds' }])
  await expect(invoke('codebuild', 'DeleteReportGroup', { arn, deleteReports: true })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  })
  await house.invoke('codebuild', 'DeleteReportGroup', { arn, deleteReports: true })
  expect(await invoke('codebuild', 'ListSharedReportGroups', {})).toEqual({ reportGroups: [] })
})

test('what is shared is listed by ARN or by the time of its policy, in pages, and never to its owner', async () => {
  for (const name of ['c', 'a', 'b']) {
    await create(`list-${name}`)
    await put(`${PROJECT}list-${name}`)
    house.clock.advance(1000)
  }
  const pages = async (input: object) => {
    const found: string[] = []
    let nextToken: string | undefined
    do {
      const answer = await theirs()('codebuild', 'ListSharedProjects', { ...input, maxResults: 1, nextToken })
      found.push(...answer.projects!.map(arn => arn.replace(`${PROJECT}list-`, '')))
      nextToken = answer.nextToken
    } while (nextToken)
    return found
  }
  expect(await pages({})).toEqual(['a', 'b', 'c'])
  expect(await pages({ sortBy: 'ARN', sortOrder: 'DESCENDING' })).toEqual(['c', 'b', 'a'])
  expect(await pages({ sortBy: 'MODIFIED_TIME' })).toEqual(['c', 'a', 'b'])
  expect(await pages({ sortBy: 'MODIFIED_TIME', sortOrder: 'DESCENDING' })).toEqual(['b', 'a', 'c'])
  expect(await house.invoke('codebuild', 'ListSharedProjects', {})).toEqual({ projects: [] })
  await expect(theirs()('codebuild', 'ListSharedProjects', { nextToken: 'x' })).rejects.toMatchObject({
    code: 'InvalidInputException',
  })
})
