// An action's own role: assumed by the pipeline's role, as sts and both roles' policies allow it, in the role's account.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../core/log.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import type { Principal } from '../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../testing/house.ts'
import { createIdentityDirectory, type IamDirectory } from '../iam/directory/identityDirectory.ts'
import { iam } from '../iam/index.ts'
import { sts } from '../sts/index.ts'
import { codepipeline } from './index.ts'

const OTHER = '111111111111'
const PIPELINE_ROLE = 'arn:aws:iam::000000000000:role/pipeline'
const BUILD_ROLE = `arn:aws:iam::${OTHER}:role/build`

let house: TestHouse
let directory: IamDirectory
const built: Principal[] = []

const statement = (Action: string, more: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, ...more }] })

beforeAll(async () => {
  const identity: IdentityDirectory = {
    findCredential: (...args) => directory.findCredential(...args),
    policiesOf: principal => directory.policiesOf(principal),
    assumeAsService: (...args) => directory.assumeAsService(...args),
    findServiceCredential: (...args) => directory.findServiceCredential(...args),
  }
  house = await openHouse({
    services: [codepipeline, iam, sts],
    identity,
    now: new Date().toISOString(),
    answers: {
      's3.HeadObject': async () => ({ ETag: '"1"', VersionId: 'v1' }),
      's3.GetBucketVersioning': async () => ({ Status: 'Enabled' }),
      's3.CopyObject': async () => ({}),
      'codebuild.StartBuild': async (_input, principal) => {
        built.push(principal)
        return { build: { id: 'web:1' } }
      },
      'codebuild.BatchGetBuilds': async () => ({ builds: [{ id: 'web:1', buildStatus: 'SUCCEEDED', phases: [] }] }),
    },
  })
  directory = await createIdentityDirectory({
    store: house.store,
    config: house.config,
    clock: house.clock,
    log: createLog('silent'),
  })
  const other = house.as(
    { type: 'root', account: OTHER, arn: `arn:aws:iam::${OTHER}:root` },
    { account: OTHER, region: 'us-east-1' },
  )
  const trust = (Principal: object) => statement('sts:AssumeRole', { Principal })
  await house.invoke('iam', 'CreateRole', {
    RoleName: 'pipeline',
    AssumeRolePolicyDocument: trust({ Service: 'codepipeline.amazonaws.com' }),
  })
  await house.invoke('iam', 'PutRolePolicy', {
    RoleName: 'pipeline',
    PolicyName: 'source',
    PolicyDocument: statement('s3:*', { Resource: '*' }),
  })
  await other.invoke('iam', 'CreateRole', {
    RoleName: 'build',
    AssumeRolePolicyDocument: trust({ AWS: 'arn:aws:iam::000000000000:root' }),
  })
  await other.invoke('iam', 'PutRolePolicy', {
    RoleName: 'build',
    PolicyName: 'build',
    PolicyDocument: statement('codebuild:*', { Resource: '*' }),
  })
  const action = (name: string, category: string, provider: string, configuration: object, more: object) => ({
    name,
    actionTypeId: { category, owner: 'AWS', provider, version: '1' },
    configuration,
    ...more,
  })
  await house.invoke('codepipeline', 'CreatePipeline', {
    pipeline: {
      name: 'web',
      roleArn: PIPELINE_ROLE,
      artifactStore: { type: 'S3', location: 'artifacts' },
      stages: [
        {
          name: 'Source',
          actions: [
            action(
              'Get',
              'Source',
              'S3',
              { S3Bucket: 'sources', S3ObjectKey: 'web.zip' },
              { outputArtifacts: [{ name: 'Code' }] },
            ),
          ],
        },
        {
          name: 'Build',
          actions: [
            action(
              'Make',
              'Build',
              'CodeBuild',
              { ProjectName: 'web' },
              { inputArtifacts: [{ name: 'Code' }], roleArn: BUILD_ROLE },
            ),
          ],
        },
      ],
    } as never,
  })
})
afterAll(async () => {
  await directory.close()
  await house.close()
})

const actionNamed = async (name: string) => {
  const { stageStates } = await house.invoke('codepipeline', 'GetPipelineState', { name: 'web' })
  return stageStates!.flatMap(({ actionStates }) => actionStates!).find(({ actionName }) => actionName === name)
    ?.latestExecution
}

test('a pipeline whose role may not assume it fails at that action, in the words of sts', async () => {
  await house.runJobs()
  expect(await actionNamed('Make')).toMatchObject({
    status: 'Failed',
    errorDetails: {
      message: `User: arn:aws:sts::000000000000:assumed-role/pipeline/web is not authorized to perform: sts:AssumeRole on resource: ${BUILD_ROLE} because no identity-based policy allows the sts:AssumeRole action (AccessDenied)`,
    },
  })
  expect(built).toEqual([])
})

test('the build is started as that role in its account, and its end there moves the pipeline here', async () => {
  await house.invoke('iam', 'PutRolePolicy', {
    RoleName: 'pipeline',
    PolicyName: 'cross',
    PolicyDocument: statement('sts:AssumeRole', { Resource: BUILD_ROLE }),
  })
  await house.invoke('codepipeline', 'StartPipelineExecution', { name: 'web' })
  await house.runJobs()
  expect(await actionNamed('Make')).toMatchObject({ status: 'InProgress', externalExecutionId: 'web:1' })
  expect(built).toMatchObject([{ type: 'assumedRole', account: OTHER, roleArn: BUILD_ROLE, sessionName: 'web' }])
  const there = house.gateway.openCall(codepipeline, { account: OTHER, region: 'us-east-1' })
  await there.transaction(call =>
    call.emit({
      source: 'aws.codebuild',
      detailType: 'CodeBuild Build State Change',
      resources: [],
      detail: { 'build-id': `arn:aws:codebuild:us-east-1:${OTHER}:build/web:1`, 'build-status': 'SUCCEEDED' },
    }),
  )
  await house.runJobs()
  expect(await actionNamed('Make')).toMatchObject({ status: 'Succeeded' })
  const moved = house.events.filter(({ source }) => source === 'aws.codepipeline')
  expect(moved.map(({ account }) => account)).not.toContain(OTHER)
})
