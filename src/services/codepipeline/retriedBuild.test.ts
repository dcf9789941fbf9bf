// The build of an action that was lost with its machine: the build that CodeBuild starts in its place is the action's from then on.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHouse, REGION, type TestHouse } from '../../testing/house.ts'
import { codepipeline } from './index.ts'

const arn = (id: string) => `arn:aws:codebuild:${REGION}:000000000000:build/${id}`
let house: TestHouse
const builds = new Map<string, object>()

function build(id: string, buildStatus: string, next?: string) {
  const phases = [
    { phaseType: 'BUILD', phaseStatus: buildStatus, contexts: [{ statusCode: 'INTERNAL_SERVICE_ERROR', message: id }] },
  ]
  const retried = next ? { autoRetryConfig: { nextAutoRetry: arn(next) } } : {}
  builds.set(id, { id, buildStatus, phases, logs: { deepLink: `https://logs/${id}` }, ...retried })
}
const tell = async (id: string) => {
  const detail = { 'build-id': arn(id) }
  await house.transaction(call =>
    call.emit({ source: 'aws.codebuild', detailType: 'CodeBuild Build State Change', resources: [], detail }),
  )
  await house.runJobs()
}
const latest = async () => {
  const { stageStates } = await house.invoke('codepipeline', 'GetPipelineState', { name: 'web' })
  return stageStates![1]!.actionStates![0]!.latestExecution
}

beforeEach(async () => {
  builds.clear()
  house = await openHouse({
    services: [codepipeline],
    answers: {
      'codecommit.GetBranch': async () => ({ branch: { commitId: 'c0ffee' } }),
      'codecommit.GetCommit': async () => ({ commit: { message: 'm', author: { date: '1700000000 +0000' } } }),
      'codecommit.UploadArchive': async () => ({ uploadId: 'u' }),
      'codebuild.StartBuild': async () => ({ build: builds.get('web:1') }),
      'codebuild.BatchGetBuilds': async (input: any) => ({
        builds: input.ids.flatMap((id: string) => builds.get(id) ?? []),
      }),
    },
  })
  build('web:1', 'IN_PROGRESS')
  const action = (name: string, category: string, provider: string, configuration: object, more: object) => ({
    name,
    actionTypeId: { category, owner: 'AWS', provider, version: '1' },
    configuration,
    ...more,
  })
  const source = { RepositoryName: 'web', BranchName: 'main' }
  const pipeline = {
    name: 'web',
    roleArn: 'arn:aws:iam::000000000000:role/pipeline',
    artifactStore: { type: 'S3', location: 'artifacts' },
    stages: [
      {
        name: 'Source',
        actions: [action('Get', 'Source', 'CodeCommit', source, { outputArtifacts: [{ name: 'src' }] })],
      },
      {
        name: 'Build',
        actions: [action('Make', 'Build', 'CodeBuild', { ProjectName: 'web' }, { inputArtifacts: [{ name: 'src' }] })],
      },
    ],
  }
  await house.invoke('codepipeline', 'CreatePipeline', { pipeline: pipeline as never })
  await house.runJobs()
})
afterEach(() => house.close())

test('the action goes on with the build in its place and shows that one', async () => {
  expect(await latest()).toMatchObject({ status: 'InProgress', externalExecutionId: 'web:1' })
  build('web:1', 'FAULT', 'web:2')
  build('web:2', 'IN_PROGRESS')
  await tell('web:1')
  expect(await latest()).toMatchObject({
    status: 'InProgress',
    externalExecutionId: 'web:2',
    externalExecutionUrl: 'https://logs/web:2',
  })
  await tell('web:1') // told twice
  expect(await latest()).toMatchObject({ status: 'InProgress', externalExecutionId: 'web:2' })
  build('web:2', 'SUCCEEDED')
  await tell('web:2')
  expect(await latest()).toMatchObject({ status: 'Succeeded', externalExecutionId: 'web:2' })
})

test('a build that ended before anybody knew whose it is, is not waited for for ever', async () => {
  build('web:1', 'FAULT', 'web:2')
  build('web:2', 'FAULT', 'web:3')
  build('web:3', 'SUCCEEDED')
  await tell('web:3')
  expect(await latest()).toMatchObject({ status: 'InProgress', externalExecutionId: 'web:1' })
  await tell('web:1')
  expect(await latest()).toMatchObject({ status: 'Succeeded', externalExecutionId: 'web:3' })
})

test('when that one is lost as well, the action fails with its reason', async () => {
  build('web:1', 'FAULT', 'web:2')
  build('web:2', 'FAULT')
  await tell('web:1')
  expect(await latest()).toMatchObject({
    status: 'Failed',
    externalExecutionId: 'web:2',
    errorDetails: {
      code: 'JobFailed',
      message: 'Build terminated with state: FAULT. Phase: BUILD, Code: INTERNAL_SERVICE_ERROR, Message: web:2',
    },
  })
})
