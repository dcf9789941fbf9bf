// Pipelines through their operations, with the services that actions use played by the test. Long, since each test needs that play.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError } from '../../core/serviceError.ts'
import type { EventRecord } from '../../operation/call.ts'
import { openHouse, REGION, root, type TestHouse } from '../../testing/house.ts'
import { branchChanged } from './detection.ts'
import { codepipeline } from './index.ts'

const ROLE = 'arn:aws:iam::000000000000:role/pipeline'
const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00'

const action = (
  name: string,
  category: string,
  provider: string,
  configuration: Record<string, string>,
  more: object = {},
) => ({
  name,
  actionTypeId: { category, owner: 'AWS', provider, version: '1' },
  configuration,
  ...more,
})

const declaration = (name = 'web') => ({
  name,
  roleArn: ROLE,
  artifactStore: { type: 'S3', location: 'artifacts' },
  stages: [
    {
      name: 'Source',
      actions: [
        action(
          'Get',
          'Source',
          'CodeCommit',
          { RepositoryName: 'web', BranchName: 'main' },
          {
            outputArtifacts: [{ name: 'SourceOutput' }],
            namespace: 'SourceVariables',
          },
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
          {
            ProjectName: 'web',
            EnvironmentVariables: '[{"name":"COMMIT","value":"#{SourceVariables.CommitId}"}]',
          },
          { inputArtifacts: [{ name: 'SourceOutput' }], outputArtifacts: [{ name: 'BuildOutput' }] },
        ),
      ],
    },
    {
      name: 'Approve',
      actions: [action('Ask', 'Approval', 'Manual', { NotificationArn: 'arn:aws:sns:us-east-1:000000000000:ask' })],
    },
    {
      name: 'Deploy',
      actions: [
        action(
          'Ship',
          'Deploy',
          'CodeDeploy',
          { ApplicationName: 'web', DeploymentGroupName: 'fleet' },
          { inputArtifacts: [{ name: 'BuildOutput' }] },
        ),
      ],
    },
  ],
})

let house: TestHouse
const calls: { operation: string; input: any; as: string }[] = []
let buildStatus = 'SUCCEEDED'
let branchFails: ServiceError | undefined
let artifactMissing = false

beforeEach(async () => {
  calls.length = 0
  buildStatus = 'SUCCEEDED'
  branchFails = undefined
  artifactMissing = false
  const answer = (operation: string, output: () => object) => ({
    [operation]: async (input: any, principal: any) => {
      calls.push({ operation, input, as: principal.arn })
      return output()
    },
  })
  house = await openHouse({
    services: [codepipeline],
    answers: {
      ...answer('codecommit.GetBranch', () => {
        if (branchFails) throw branchFails
        return { branch: { commitId: COMMIT } }
      }),
      ...answer('codecommit.GetCommit', () => ({
        commit: { message: 'first\n\nmore', author: { date: '1700000000 +0000' } },
      })),
      ...answer('codecommit.UploadArchive', () => ({ uploadId: 'u' })),
      ...answer('codebuild.StartBuild', () => ({ build: { id: 'web:1' } })),
      ...answer('codebuild.BatchGetBuilds', () => ({
        builds: [
          {
            id: 'web:1',
            buildStatus,
            phases:
              buildStatus === 'FAILED'
                ? [
                    {
                      phaseType: 'BUILD',
                      phaseStatus: 'FAILED',
                      contexts: [
                        {
                          statusCode: 'COMMAND_EXECUTION_ERROR',
                          message: 'Error while executing command: npm test. Reason: exit status 1',
                        },
                      ],
                    },
                  ]
                : [],
            exportedEnvironmentVariables: [],
          },
        ],
      })),
      ...answer('codebuild.StartBuildBatch', () => ({ buildBatch: { id: 'web:7' } })),
      ...answer('codebuild.BatchGetBuildBatches', () => ({
        buildBatches: [
          {
            id: 'web:7',
            buildBatchStatus: buildStatus,
            phases: [],
            buildGroups: [{ identifier: 'one', currentBuildSummary: { buildStatus } }],
          },
        ],
      })),
      ...answer('codedeploy.CreateDeployment', () => ({ deploymentId: 'd-1' })),
      ...answer('codedeploy.GetDeployment', () => ({ deploymentInfo: { status: 'Succeeded' } })),
      ...answer('s3.HeadObject', () => {
        if (artifactMissing) throw new ServiceError('NotFound', 'Not Found', { status: 404 })
        return { ETag: '"e"' }
      }),
      ...answer('sns.Publish', () => ({ MessageId: 'm' })),
    },
  })
})
afterEach(() => house.close())

const state = async () => {
  const { stageStates } = await house.invoke('codepipeline', 'GetPipelineState', { name: 'web' })
  return Object.fromEntries(stageStates!.map(stage => [stage.stageName!, stage]))
}
const statuses = async () =>
  Object.fromEntries(Object.entries(await state()).map(([name, stage]) => [name, stage?.latestExecution?.status]))
const tell = async (source: string, detailType: string, detail: Record<string, unknown>) => {
  await house.transaction(call => call.emit({ source, detailType, resources: [], detail }))
  await house.runJobs()
}
const buildEnds = (status: string) => {
  buildStatus = status
  return tell('aws.codebuild', 'CodeBuild Build State Change', {
    'build-id': `arn:aws:codebuild:${REGION}:000000000000:build/web:1`,
    'build-status': status,
  })
}
const create = async (pipeline: object = declaration()) => {
  await house.invoke('codepipeline', 'CreatePipeline', { pipeline: pipeline as never })
  await house.runJobs()
}

describe('a pipeline', () => {
  test('goes from source through build and approval to deployment, each with the role of the pipeline', async () => {
    await create()
    expect(await statuses()).toEqual({
      Source: 'Succeeded',
      Build: 'InProgress',
      Approve: undefined,
      Deploy: undefined,
    })
    const start = calls.find(({ operation }) => operation === 'codebuild.StartBuild')!
    expect(start.as).toMatch(/^arn:aws:sts::000000000000:assumed-role\/pipeline\/web$/)
    expect(start.input.environmentVariablesOverride).toEqual([{ name: 'COMMIT', value: COMMIT }])
    expect(start.input.sourceLocationOverride).toMatch(/^artifacts\/web\/SourceOutp\/[0-9a-f]{7}$/)

    await buildEnds('SUCCEEDED')
    const ask = (await state()).Approve!.actionStates![0]!.latestExecution!
    expect(ask.status).toBe('InProgress')
    const message = JSON.parse(calls.find(({ operation }) => operation === 'sns.Publish')!.input.Message)
    expect(message.approval).toMatchObject({
      pipelineName: 'web',
      stageName: 'Approve',
      actionName: 'Ask',
      token: ask.token,
      expires: '2026-01-08T00:00Z',
    })

    const answer = {
      pipelineName: 'web',
      stageName: 'Approve',
      actionName: 'Ask',
      token: ask.token!,
      result: { status: 'Approved', summary: 'fine' },
    } as const
    await house.invoke('codepipeline', 'PutApprovalResult', answer)
    await house.runJobs()
    expect(
      calls.find(({ operation }) => operation === 'codedeploy.CreateDeployment')!.input.revision.s3Location,
    ).toMatchObject({ bucket: 'artifacts', bundleType: 'zip', eTag: 'e' })
    await tell('aws.codedeploy', 'CodeDeploy Deployment State-change Notification', {
      deploymentId: 'd-1',
      state: 'SUCCESS',
    })
    expect(await statuses()).toEqual({
      Source: 'Succeeded',
      Build: 'Succeeded',
      Approve: 'Succeeded',
      Deploy: 'Succeeded',
    })

    const { pipelineExecutionSummaries } = await house.invoke('codepipeline', 'ListPipelineExecutions', {
      pipelineName: 'web',
    })
    expect(pipelineExecutionSummaries).toMatchObject([
      {
        status: 'Succeeded',
        trigger: { triggerType: 'CreatePipeline' },
        sourceRevisions: [{ actionName: 'Get', revisionId: COMMIT }],
      },
    ])
    const { actionExecutionDetails } = await house.invoke('codepipeline', 'ListActionExecutions', {
      pipelineName: 'web',
    })
    expect(actionExecutionDetails!.map(({ actionName }) => actionName)).toEqual(['Ship', 'Ask', 'Make', 'Get'])
    await expect(house.invoke('codepipeline', 'PutApprovalResult', answer)).rejects.toMatchObject({
      code: 'ApprovalAlreadyCompletedException',
    })
  })

  test('has its artifacts encrypted under the key of its store, else under the one of S3', async () => {
    const sent = (operation: string) => calls.find(call => call.operation === operation)?.input
    await create()
    expect(sent('codecommit.UploadArchive')).toMatchObject({ s3Options: { ServerSideEncryption: 'aws:kms' } })
    expect(sent('codecommit.UploadArchive').s3Options.SSEKMSKeyId).toBeUndefined()
    expect(sent('codebuild.StartBuild').encryptionKeyOverride).toBeUndefined()
    calls.length = 0
    const encryptionKey = { id: 'arn:aws:kms:us-east-1:000000000000:key/k', type: 'KMS' }
    const artifactStore = { type: 'S3', location: 'artifacts', encryptionKey }
    await create({ ...declaration('sealed'), artifactStore })
    expect(sent('codecommit.UploadArchive')).toMatchObject({
      s3Options: { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryptionKey.id },
    })
    expect(sent('codebuild.StartBuild')).toMatchObject({ encryptionKeyOverride: encryptionKey.id })
    const { pipeline } = await house.invoke('codepipeline', 'GetPipeline', { name: 'sealed' })
    expect(pipeline!.artifactStore).toEqual(artifactStore)
  })

  test('whose key can not be used fails with a configuration error, not for a missing revision', async () => {
    branchFails = new ServiceError('KMS.NotFoundException', "Invalid keyId 'x'", { status: 400 })
    await create()
    const source = (await state()).Source!.actionStates![0]!.latestExecution
    expect(source).toMatchObject({ status: 'Failed', errorDetails: { code: 'ConfigurationError' } })
    expect(source!.errorDetails!.message).toContain('KMS.NotFoundException')
  })

  test('stops at a failed build, says which phase failed with what, and goes on when it is retried', async () => {
    await create()
    await buildEnds('FAILED')
    const { Build } = await state()
    expect(Build!.latestExecution!.status).toBe('Failed')
    expect(Build!.actionStates![0]!.latestExecution!.errorDetails).toEqual({
      code: 'JobFailed',
      message:
        'Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: Error while executing command: npm test. Reason: exit status 1',
    })
    const pipelineExecutionId = Build!.latestExecution!.pipelineExecutionId!
    await house.invoke('codepipeline', 'RetryStageExecution', {
      pipelineName: 'web',
      stageName: 'Build',
      pipelineExecutionId,
      retryMode: 'FAILED_ACTIONS',
    })
    await house.runJobs()
    await buildEnds('SUCCEEDED')
    expect((await statuses()).Approve).toBe('InProgress')
    expect(house.events.filter(event => event.detail.state === 'RESUMED')).toHaveLength(2)
  })

  test('starts once when its branch changes, also when a rule starts it for the same change', async () => {
    await create()
    await house.invoke('codepipeline', 'StopPipelineExecution', {
      pipelineName: 'web',
      pipelineExecutionId: (await state()).Build!.latestExecution!.pipelineExecutionId!,
      abandon: true,
    })
    await tell('aws.codecommit', 'CodeCommit Repository State Change', {
      event: 'referenceUpdated',
      repositoryName: 'web',
      referenceType: 'branch',
      referenceName: 'main',
    })
    await tell('aws.codecommit', 'CodeCommit Repository State Change', {
      event: 'referenceUpdated',
      repositoryName: 'web',
      referenceType: 'branch',
      referenceName: 'other',
    })
    const rule = {
      account: root.account,
      arn: 'arn:aws:sts::000000000000:assumed-role/r/s',
      type: 'assumedRole',
      roleArn: ROLE,
      roleId: 'x',
      sessionName: 's',
      session: { expires: new Date('2100-01-01'), issuedTo: 'events.amazonaws.com' },
    } as const
    await house.as(rule).invoke('codepipeline', 'StartPipelineExecution', { name: 'web' })
    const { pipelineExecutionSummaries } = await house.invoke('codepipeline', 'ListPipelineExecutions', {
      pipelineName: 'web',
    })
    expect(pipelineExecutionSummaries!.map(one => one.trigger!.triggerType)).toEqual([
      'PollForSourceChanges',
      'CreatePipeline',
    ])
  })

  test('an event that is told again, since its job was cut off at its end, starts nothing more', async () => {
    await create()
    const event: EventRecord = {
      version: '0',
      id: crypto.randomUUID(),
      'detail-type': 'CodeCommit Repository State Change',
      source: 'aws.codecommit',
      account: root.account,
      time: '2026-01-01T00:00:00Z',
      region: REGION,
      resources: [],
      detail: { event: 'referenceUpdated', repositoryName: 'web', referenceType: 'branch', referenceName: 'main' },
    }
    for (const id of [event.id, event.id, crypto.randomUUID()])
      await branchChanged(house.openCall(codepipeline), { ...event, id })
    const { pipelineExecutionSummaries } = await house.invoke('codepipeline', 'ListPipelineExecutions', {
      pipelineName: 'web',
    })
    expect(pipelineExecutionSummaries!.map(one => one.trigger!.triggerType)).toEqual([
      'PollForSourceChanges',
      'PollForSourceChanges',
      'CreatePipeline',
    ])
  })

  test('fails with the words of the service that refused', async () => {
    branchFails = new ServiceError('BranchDoesNotExistException', 'The branch main does not exist')
    await create()
    expect((await state()).Source!.actionStates![0]!.latestExecution!.errorDetails).toEqual({
      code: 'RevisionUnavailable',
      message: 'The branch main does not exist (BranchDoesNotExistException)',
    })
  })

  test('fails when the build made no artifact that it declares, and says what to do', async () => {
    await create()
    artifactMissing = true
    await buildEnds('SUCCEEDED')
    expect((await state()).Build!.actionStates![0]!.latestExecution!.errorDetails!.message).toMatch(
      /made no output artifact BuildOutput: its buildspec needs an artifacts section$/,
    )
  })

  describe('with BatchEnabled', () => {
    const withBatch = (configuration: object, outputs = ['BuildOutput']) => {
      const pipeline = declaration()
      const [build] = pipeline.stages[1]!.actions
      Object.assign(build!.configuration, { BatchEnabled: 'true' }, configuration)
      Object.assign(build!, { outputArtifacts: outputs.map(name => ({ name })) })
      return pipeline
    }
    const batchEnds = (status: string) => {
      buildStatus = status
      return tell('codeyard.codebuild', 'Build Batch State Change', {
        'build-batch-id': `arn:aws:codebuild:${REGION}:000000000000:build-batch/web:7`,
      })
    }

    test('starts a batch whose artifacts are the outputs by name, and goes on when it is over', async () => {
      await create(withBatch({}, ['BuildOutput', 'BuildOutput_more']))
      const { input } = calls.find(({ operation }) => operation === 'codebuild.StartBuildBatch')!
      expect(input).toMatchObject({
        projectName: 'web',
        sourceTypeOverride: 'CODEPIPELINE',
        artifactsOverride: { type: 'CODEPIPELINE', artifactIdentifier: 'BuildOutput', location: 'artifacts' },
        secondaryArtifactsOverride: [{ type: 'CODEPIPELINE', artifactIdentifier: 'BuildOutput_more' }],
      })
      expect(input.buildBatchConfigOverride).toBeUndefined()
      expect((await statuses()).Build).toBe('InProgress')
      await batchEnds('SUCCEEDED')
      expect((await statuses()).Build).toBe('Succeeded')
    })

    test('combines artifacts of one output only', async () => {
      await create(withBatch({ CombineArtifacts: 'true' }))
      const { input } = calls.find(({ operation }) => operation === 'codebuild.StartBuildBatch')!
      expect(input.buildBatchConfigOverride).toEqual({ combineArtifacts: true })
      await batchEnds('FAILED')
      expect((await state()).Build!.actionStates![0]!.latestExecution!.errorDetails).toEqual({
        code: 'JobFailed',
        message: 'Build batch terminated with state: FAILED. one FAILED',
      })
    })

    test('and two outputs to combine fails before it starts', async () => {
      await create(withBatch({ CombineArtifacts: 'true' }, ['BuildOutput', 'other']))
      expect((await state()).Build!.actionStates![0]!.latestExecution!.errorDetails).toEqual({
        code: 'ConfigurationError',
        message: 'CombineArtifacts allows one output artifact, but the action has 2',
      })
    })
  })

  test('an approval that nobody answers fails after seven days', async () => {
    await create()
    await buildEnds('SUCCEEDED')
    house.clock.advance(7 * 86_400_000 + 1)
    await house.runJobs()
    expect((await statuses()).Approve).toBe('Failed')
  })

  test('with an unknown variable in an action fails there and names it', async () => {
    const pipeline = declaration()
    pipeline.stages[1]!.actions[0]!.configuration.EnvironmentVariables = '[{"name":"A","value":"#{Nowhere.X}"}]'
    await create(pipeline)
    expect((await state()).Build!.actionStates![0]!.latestExecution!.errorDetails!.message).toContain('#{Nowhere.X}')
  })

  test('keeps every version of its structure', async () => {
    await create()
    const pipeline = declaration()
    pipeline.stages.splice(2, 1)
    await house.invoke('codepipeline', 'UpdatePipeline', { pipeline: pipeline as never })
    const now = await house.invoke('codepipeline', 'GetPipeline', { name: 'web' })
    const before = await house.invoke('codepipeline', 'GetPipeline', { name: 'web', version: 1 })
    expect([now.pipeline!.version, now.pipeline!.stages!.length, before.pipeline!.stages!.length]).toEqual([2, 3, 4])
  })

  test('that is not there, or there twice, is refused in the words of AWS', async () => {
    await create()
    await expect(house.invoke('codepipeline', 'GetPipeline', { name: 'none' })).rejects.toMatchObject({
      code: 'PipelineNotFoundException',
    })
    await expect(create()).rejects.toMatchObject({ code: 'PipelineNameInUseException' })
  })

  test.each([
    ['one stage', (p: any) => p.stages.splice(1), 'InvalidStructureException'],
    ['a build in the first stage', (p: any) => p.stages.shift(), 'InvalidStructureException'],
    [
      'an input that nobody makes',
      (p: any) => {
        p.stages[3].actions[0].inputArtifacts = [{ name: 'Nothing' }]
      },
      'InvalidActionDeclarationException',
    ],
    [
      'an output that two make',
      (p: any) => {
        p.stages[1].actions[0].outputArtifacts = [{ name: 'SourceOutput' }]
      },
      'InvalidActionDeclarationException',
    ],
    [
      'a missing configuration',
      (p: any) => {
        delete p.stages[1].actions[0].configuration.ProjectName
      },
      'InvalidActionDeclarationException',
    ],
    [
      'an unknown configuration',
      (p: any) => {
        p.stages[1].actions[0].configuration.Zork = '1'
      },
      'InvalidActionDeclarationException',
    ],
    [
      'an action type that does not exist',
      (p: any) => {
        p.stages[1].actions[0].actionTypeId.provider = 'Zork'
      },
      'InvalidActionDeclarationException',
    ],
    [
      'an action type that is not carried out',
      (p: any) => {
        p.stages[2].actions = [action('L', 'Invoke', 'Lambda', { FunctionName: 'f' })]
      },
      'InvalidActionDeclarationException',
    ],
    [
      'two actions of one name',
      (p: any) => {
        p.stages[2].actions.push(p.stages[2].actions[0])
      },
      'InvalidStageDeclarationException',
    ],
  ])('with %s is refused', async (_, spoil, code) => {
    const pipeline = structuredClone(declaration())
    spoil(pipeline)
    await expect(house.invoke('codepipeline', 'CreatePipeline', { pipeline: pipeline as never })).rejects.toMatchObject(
      { code },
    )
  })
})
