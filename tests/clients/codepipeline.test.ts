// Pipelines with real aws command lines: what starts them, holds them, stops them, and how one reads what happened.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, openCli, until } from '../clients.ts'
import { clientsYard } from '../harness/clientsYard.ts'
import type { Yard } from '../harness/yard.ts'

const clis = await findClis()

let yard: Yard
clientsYard(opened => {
  yard = opened
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const { slug } = program
  const repo = `app-${slug}`
  const bucket = `artifacts-${slug}`
  const roleArn = `arn:aws:iam::000000000000:role/pipeline-${slug}`
  let head = ''
  let number = 0
  beforeAll(async () => {
    aws = await openCli(program, yard)
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: ['codepipeline.amazonaws.com', 'codebuild.amazonaws.com'] },
          Action: 'sts:AssumeRole',
        },
      ],
    }
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
    await aws`iam create-role --role-name pipeline-${slug} --assume-role-policy-document ${trust}`
    await aws`iam put-role-policy --role-name pipeline-${slug} --policy-name all --policy-document ${policy}`
    await aws`s3api create-bucket --bucket ${bucket}`
    await aws`codecommit create-repository --repository-name ${repo}`
    await change()
    await aws`codebuild create-project --cli-input-json ${{
      name: repo,
      source: {
        type: 'CODEPIPELINE',
        buildspec:
          'version: 0.2\nphases: { build: { commands: ["cat page.txt", "! grep -q broken page.txt"] } }\nartifacts: { files: [page.txt] }\n',
      },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roleArn,
    }}`
  }, 120_000)
  afterAll(() => aws?.close())

  /** One more commit on main; answers its id. */
  async function change(text = `page ${number++}`) {
    await writeFile(join(aws.home, 'page.txt'), `${text}\n`)
    const parent = head ? ['--parent-commit-id', head] : []
    const made =
      await aws`codecommit put-file --repository-name ${repo} --branch-name main --file-path page.txt --file-content fileb://page.txt --commit-message ${text} ${parent}`
    head = made.commitId
    return head
  }

  const action = (name: string, category: string, provider: string, configuration: object, more: object = {}) => ({
    name,
    actionTypeId: { category, owner: 'AWS', provider, version: '1' },
    configuration,
    ...more,
  })
  /** Only some start by themselves: a commit of one test is no business of the other tests' pipelines. */
  const source = (name: string) => ({
    name: 'Source',
    actions: [
      action(
        'Fetch',
        'Source',
        'CodeCommit',
        { RepositoryName: repo, BranchName: 'main', PollForSourceChanges: String(/^(push|break)-/.test(name)) },
        { outputArtifacts: [{ name: 'Src' }], namespace: 'Src' },
      ),
    ],
  })
  const build = {
    name: 'Build',
    actions: [
      action(
        'Compile',
        'Build',
        'CodeBuild',
        { ProjectName: repo },
        { inputArtifacts: [{ name: 'Src' }], outputArtifacts: [{ name: 'Out' }] },
      ),
    ],
  }
  const approval = {
    name: 'Approve',
    actions: [action('Ask', 'Approval', 'Manual', { CustomData: 'Really #{Src.CommitId}?' })],
  }
  const pipeline = (name: string, ...stages: object[]) => ({
    name,
    roleArn,
    artifactStore: { type: 'S3', location: bucket },
    stages: [source(name), ...stages],
  })
  const create = async (name: string, ...stages: object[]) => {
    await aws`codepipeline create-pipeline --pipeline ${pipeline(name, ...stages)}`
    await until(
      () => aws`codepipeline list-pipeline-executions --pipeline-name ${name}`,
      answer => answer.pipelineExecutionSummaries.length > 0,
    )
    return await ended(name)
  }
  const execution = async (name: string, id: string) =>
    (await aws`codepipeline get-pipeline-execution --pipeline-name ${name} --pipeline-execution-id ${id}`)
      .pipelineExecution
  const start = async (name: string): Promise<string> =>
    (await aws`codepipeline start-pipeline-execution --name ${name}`).pipelineExecutionId
  const newest = async (name: string) =>
    (await aws`codepipeline list-pipeline-executions --pipeline-name ${name} --max-items 1`)
      .pipelineExecutionSummaries[0]
  const over = (status: string) => ['Succeeded', 'Failed', 'Stopped', 'Superseded', 'Cancelled'].includes(status)
  async function ended(name: string, id?: string) {
    const wanted = id ?? (await newest(name)).pipelineExecutionId
    return await until(
      () => execution(name, wanted),
      answer => over(answer.status) || (id === undefined && answer.status === 'InProgress' && name.includes('wait')),
    )
  }
  const stage = async (name: string, stageName: string) =>
    (await aws`codepipeline get-pipeline-state --name ${name}`).stageStates.find(
      (one: any) => one.stageName === stageName,
    )
  const waiting = (name: string) =>
    until(
      () => stage(name, 'Approve'),
      state =>
        state.actionStates[0].latestExecution?.token !== undefined && state.latestExecution.status === 'InProgress',
    )

  test('a pipeline is made, runs at once, is read, changed, listed and deleted', async () => {
    const name = `flow-${slug}`
    const first = await create(name, build)
    expect(first).toMatchObject({
      status: 'Succeeded',
      pipelineVersion: 1,
      artifactRevisions: [{ name: 'Src', revisionId: head }],
    })
    expect(await newest(name)).toMatchObject({ status: 'Succeeded', trigger: { triggerType: 'CreatePipeline' } })
    const { pipeline: kept, metadata } = await aws`codepipeline get-pipeline --name ${name}`
    expect(kept).toMatchObject({ version: 1, stages: [{ name: 'Source' }, { name: 'Build' }] })
    expect(kept.stages[1].actions[0]).toMatchObject({ runOrder: 1, outputArtifacts: [{ name: 'Out' }] })
    expect(metadata.pipelineArn).toBe(`arn:aws:codepipeline:us-east-1:000000000000:${name}`)
    await expect(aws`codepipeline create-pipeline --pipeline ${pipeline(name, build)}`).rejects.toThrow(
      'An error occurred (PipelineNameInUseException) when calling the CreatePipeline operation',
    )
    await expect(
      aws`codepipeline create-pipeline --pipeline ${{ ...pipeline(`${name}-x`), stages: [source(name)] }}`,
    ).rejects.toThrow(
      'An error occurred (InvalidStructureException) when calling the CreatePipeline operation: Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline',
    )
    await expect(
      aws`codepipeline create-pipeline --pipeline ${pipeline(`${name}-x`, { name: 'Build', actions: [action('A', 'Build', 'Nothing', {})] })}`,
    ).rejects.toThrow('when calling the CreatePipeline operation')
    const { pipeline: updated } = await aws`codepipeline update-pipeline --pipeline ${pipeline(name, build, approval)}`
    expect(updated.version).toBe(2)
    expect((await aws`codepipeline get-pipeline --name ${name} --pipeline-version 1`).pipeline.stages).toHaveLength(2)
    expect((await aws`codepipeline list-pipelines`).pipelines.find((one: any) => one.name === name)).toMatchObject({
      version: 2,
    })
    await aws`codepipeline delete-pipeline --name ${name}`
    await expect(aws`codepipeline get-pipeline --name ${name}`).rejects.toThrow(
      `An error occurred (PipelineNotFoundException) when calling the GetPipeline operation: The account with id '000000000000' does not include a pipeline with the name '${name}'`,
    )
  })

  test('an event rule that targets it starts it with the role of the target', async () => {
    const name = `rule-${slug}`
    await create(name, build)
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    const pipelineArn = `arn:aws:codepipeline:us-east-1:000000000000:${name}`
    const may = { Effect: 'Allow', Action: 'codepipeline:StartPipelineExecution', Resource: pipelineArn }
    await aws`iam create-role --role-name events-${slug} --assume-role-policy-document ${trust}`
    await aws`iam put-role-policy --role-name events-${slug} --policy-name start --policy-document ${{ Version: '2012-10-17', Statement: [may] }}`
    await aws`events put-rule --name release-${slug} --event-pattern ${{ source: ['shop.release'], detail: { version: [{ prefix: '2.' }] } }}`
    await aws`events put-targets --rule release-${slug} --targets ${[{ Id: 'pipeline', Arn: pipelineArn, RoleArn: `arn:aws:iam::000000000000:role/events-${slug}` }]}`
    const release = (version: string) =>
      aws`events put-events --entries ${[{ Source: 'shop.release', DetailType: 'Released', Detail: JSON.stringify({ version }) }]}`
    await release('1.9')
    expect(await release('2.0')).toMatchObject({ FailedEntryCount: 0 })
    const started = await until(
      () => newest(name),
      found => found.trigger.triggerType === 'CloudWatchEvent' && over(found.status),
    )
    expect(started).toMatchObject({
      status: 'Succeeded',
      trigger: { triggerDetail: `arn:aws:events:us-east-1:000000000000:rule/release-${slug}` },
    })
    const { pipelineExecutionSummaries } = await aws`codepipeline list-pipeline-executions --pipeline-name ${name}`
    expect(pipelineExecutionSummaries).toHaveLength(2)
  })

  test('a commit starts it; actions, artifacts and outputs can be read', async () => {
    const name = `push-${slug}`
    await create(name, build)
    const commit = await change()
    const summary = await until(
      () => newest(name),
      found => found.sourceRevisions?.[0]?.revisionId === commit && over(found.status),
    )
    expect(summary).toMatchObject({
      status: 'Succeeded',
      sourceRevisions: [{ actionName: 'Fetch', revisionSummary: expect.stringContaining('page') }],
    })
    const { actionExecutionDetails } =
      await aws`codepipeline list-action-executions --pipeline-name ${name} --filter pipelineExecutionId=${summary.pipelineExecutionId}`
    expect(actionExecutionDetails.map((one: any) => [one.stageName, one.actionName, one.status])).toEqual([
      ['Build', 'Compile', 'Succeeded'],
      ['Source', 'Fetch', 'Succeeded'],
    ])
    const [compiled, fetched] = actionExecutionDetails
    expect(fetched.output).toMatchObject({
      outputVariables: { CommitId: commit, BranchName: 'main', RepositoryName: repo },
    })
    expect(compiled.input.inputArtifacts).toMatchObject([{ name: 'Src', s3location: { bucket } }])
    expect(compiled.output.executionResult.externalExecutionId).toMatch(new RegExp(`^${repo}:`))
    const { key } = compiled.output.outputArtifacts[0].s3location
    await aws`codepipeline delete-pipeline --name ${name}`
    expect(await aws`s3api head-object --bucket ${bucket} --key ${key}`).toMatchObject({
      ContentLength: expect.any(Number),
    })
  })

  test('a broken build stops it with its reason; retried after the repair of nothing it fails again, after a new commit it passes', async () => {
    const name = `break-${slug}`
    await create(name, build)
    const commit = await change('broken')
    const summary = await until(
      () => newest(name),
      found => found.sourceRevisions?.[0]?.revisionId === commit && over(found.status),
    )
    expect(summary.status).toBe('Failed')
    const { latestExecution, actionStates } = await stage(name, 'Build')
    expect(latestExecution.status).toBe('Failed')
    expect(actionStates[0].latestExecution).toMatchObject({ status: 'Failed', errorDetails: { code: 'JobFailed' } })
    const retried =
      await aws`codepipeline retry-stage-execution --pipeline-name ${name} --stage-name Build --pipeline-execution-id ${summary.pipelineExecutionId} --retry-mode FAILED_ACTIONS`
    expect(retried.pipelineExecutionId).toBe(summary.pipelineExecutionId)
    expect((await ended(name, summary.pipelineExecutionId)).status).toBe('Failed')
    await change()
    await until(
      () => newest(name),
      found => found.pipelineExecutionId !== summary.pipelineExecutionId && found.status === 'Succeeded',
    )
    await expect(
      aws`codepipeline retry-stage-execution --pipeline-name ${name} --stage-name Build --pipeline-execution-id ${summary.pipelineExecutionId} --retry-mode FAILED_ACTIONS`,
    ).rejects.toThrow(/\((NotLatestPipelineExecutionException|StageNotRetryableException)\)/)
  })

  test('an approval waits for its token; approved it goes on, rejected it fails; a newer execution supersedes those that wait', async () => {
    const name = `wait-${slug}`
    await create(name, approval)
    const first = await waiting(name)
    const { token } = first.actionStates[0].latestExecution
    const answer = (given: string, status: string) =>
      aws`codepipeline put-approval-result --pipeline-name ${name} --stage-name Approve --action-name Ask --token ${given} --result ${{ summary: 'looked', status }}`
    await expect(answer('00000000-0000-0000-0000-000000000000', 'Approved')).rejects.toThrow(
      '(InvalidApprovalTokenException)',
    )
    const second = await start(name)
    await until(
      () => stage(name, 'Approve'),
      state => state.inboundExecution?.pipelineExecutionId === second,
    )
    const third = await start(name)
    expect((await ended(name, second)).status).toBe('Superseded')
    expect((await answer(token, 'Approved')).approvedAt).toBeTruthy()
    expect((await ended(name, first.latestExecution.pipelineExecutionId)).status).toBe('Succeeded')
    await expect(answer(token, 'Approved')).rejects.toThrow(
      /\((ApprovalAlreadyCompletedException|InvalidApprovalTokenException)\)/,
    )
    const next = await until(
      () => waiting(name),
      state => state.latestExecution.pipelineExecutionId === third,
    )
    await answer(next.actionStates[0].latestExecution.token, 'Rejected')
    expect((await ended(name, third)).status).toBe('Failed')
    expect((await stage(name, 'Approve')).actionStates[0].latestExecution).toMatchObject({
      status: 'Failed',
      summary: 'looked',
    })
  })

  test('a disabled transition holds executions; enabled, the latest one enters', async () => {
    const name = `gate-${slug}`
    await create(name, build)
    await aws`codepipeline disable-stage-transition --pipeline-name ${name} --stage-name Build --transition-type Inbound --reason ${'not on Fridays'}`
    expect((await stage(name, 'Build')).inboundTransitionState).toMatchObject({
      enabled: false,
      disabledReason: 'not on Fridays',
    })
    const first = await start(name)
    await until(
      () => stage(name, 'Build'),
      state => state.inboundExecution?.pipelineExecutionId === first,
    )
    const second = await start(name)
    expect((await ended(name, first)).status).toBe('Superseded')
    await until(
      () => stage(name, 'Build'),
      state => state.inboundExecution?.pipelineExecutionId === second,
    )
    await aws`codepipeline enable-stage-transition --pipeline-name ${name} --stage-name Build --transition-type Inbound`
    expect((await ended(name, second)).status).toBe('Succeeded')
    await expect(
      aws`codepipeline enable-stage-transition --pipeline-name ${name} --stage-name Nowhere --transition-type Inbound`,
    ).rejects.toThrow('(StageNotFoundException)')
  })

  test('an execution is stopped, and abandoned', async () => {
    const name = `halt-wait-${slug}`
    await create(name, approval)
    const { latestExecution } = await waiting(name)
    const id = latestExecution.pipelineExecutionId
    const stop = (...more: string[]) =>
      aws`codepipeline stop-pipeline-execution --pipeline-name ${name} --pipeline-execution-id ${id} --reason changed ${more}`
    expect((await stop('--abandon')).pipelineExecutionId).toBe(id)
    expect(await ended(name, id)).toMatchObject({ status: 'Stopped', statusSummary: 'changed' })
    await expect(stop('--abandon')).rejects.toThrow('(PipelineExecutionNotStoppableException)')
    expect((await newest(name)).stopTrigger).toEqual({ reason: 'changed' })
  })

  test('a new version of an object starts it, a test action runs on it, stop and wait lets what runs end', async () => {
    const name = `object-${slug}`
    const sources = `sources-${slug}`
    await aws`s3api create-bucket --bucket ${sources}`
    await aws`s3api put-bucket-versioning --bucket ${sources} --versioning-configuration Status=Enabled`
    await promisify(execFile)('zip', ['-q', 'app.zip', 'page.txt'], { cwd: aws.home })
    await aws`s3 cp app.zip s3://${sources}/app.zip`
    await aws`codebuild create-project --cli-input-json ${{
      name: `slow-${repo}`,
      source: {
        type: 'CODEPIPELINE',
        buildspec: 'version: 0.2\nphases: { build: { commands: ["test -f page.txt", "sleep 2"] } }\n',
      },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roleArn,
    }}`
    const configuration = { S3Bucket: sources, S3ObjectKey: 'app.zip' }
    const fetched = action('Fetch', 'Source', 'S3', configuration, { outputArtifacts: [{ name: 'Src' }] })
    const tested = action(
      'Try',
      'Test',
      'CodeBuild',
      { ProjectName: `slow-${repo}` },
      { inputArtifacts: [{ name: 'Src' }] },
    )
    await aws`codepipeline create-pipeline --pipeline ${{
      ...pipeline(name),
      stages: [
        { name: 'Source', actions: [fetched] },
        { name: 'Test', actions: [tested] },
      ],
    }}`
    expect(await ended(name)).toMatchObject({ status: 'Succeeded' })

    await aws`s3 cp app.zip s3://${sources}/app.zip`
    const { VersionId } = await aws`s3api head-object --bucket ${sources} --key app.zip`
    const summary = await until(
      () => newest(name),
      one => one.trigger.triggerType === 'PollForSourceChanges' && one.sourceRevisions.length > 0,
    )
    expect(summary.sourceRevisions).toMatchObject([{ actionName: 'Fetch', revisionId: VersionId }])
    const id = summary.pipelineExecutionId
    await until(
      () => stage(name, 'Test'),
      one => one.latestExecution.pipelineExecutionId === id && one.actionStates[0].latestExecution.externalExecutionId,
    )
    await aws`codepipeline stop-pipeline-execution --pipeline-name ${name} --pipeline-execution-id ${id}`
    expect((await execution(name, id)).status).toBe('Stopping')
    expect((await ended(name, id)).status).toBe('Stopped')
    expect((await stage(name, 'Test')).actionStates[0].latestExecution.status).toBe('Succeeded')
  })
})
