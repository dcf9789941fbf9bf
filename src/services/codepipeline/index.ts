// CodePipeline: every operation of its model, its jobs, and the events that it waits for.

import { allNotSupported, defineService, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { branchChanged, objectChanged } from './detection.ts'
import { constraintError } from './errors.ts'
import { putApprovalResult } from './operations/approvals/putApprovalResult.ts'
import { getPipelineExecution } from './operations/executions/getPipelineExecution.ts'
import { listActionExecutions } from './operations/executions/listActionExecutions.ts'
import { listPipelineExecutions } from './operations/executions/listPipelineExecutions.ts'
import { retryStageExecution } from './operations/executions/retryStageExecution.ts'
import { startPipelineExecution } from './operations/executions/startPipelineExecution.ts'
import { stopPipelineExecution } from './operations/executions/stopPipelineExecution.ts'
import { createPipeline } from './operations/pipelines/createPipeline.ts'
import { deletePipeline } from './operations/pipelines/deletePipeline.ts'
import { getPipeline } from './operations/pipelines/getPipeline.ts'
import { listPipelines } from './operations/pipelines/listPipelines.ts'
import { updatePipeline } from './operations/pipelines/updatePipeline.ts'
import { disableStageTransition, enableStageTransition } from './operations/state/changeTransition.ts'
import { getPipelineState } from './operations/state/getPipelineState.ts'
import { listActionTypes } from './operations/state/listActionTypes.ts'
import { listTagsForResource, tagResource, untagResource } from './operations/tags/tags.ts'
import { outsideChanged, startAction, timeoutAction } from './tasks.ts'

export const codepipeline = defineService<'codepipeline'>({
  name: 'codepipeline',
  principal: 'codepipeline.amazonaws.com',
  access,
  constraintError,
  migrations: new URL('./migrations/', import.meta.url),
  operations: {
    CreatePipeline: write(createPipeline),
    GetPipeline: read(getPipeline),
    UpdatePipeline: write(updatePipeline),
    DeletePipeline: write(deletePipeline),
    ListPipelines: read(listPipelines),
    StartPipelineExecution: write(startPipelineExecution),
    StopPipelineExecution: write(stopPipelineExecution),
    RetryStageExecution: write(retryStageExecution),
    GetPipelineExecution: read(getPipelineExecution),
    ListPipelineExecutions: read(listPipelineExecutions),
    ListActionExecutions: read(listActionExecutions),
    GetPipelineState: read(getPipelineState),
    EnableStageTransition: write(enableStageTransition),
    DisableStageTransition: write(disableStageTransition),
    PutApprovalResult: write(putApprovalResult),
    ListActionTypes: read(listActionTypes),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),
    ...allNotSupported(
      [
        'AcknowledgeJob',
        'AcknowledgeThirdPartyJob',
        'CreateCustomActionType',
        'DeleteCustomActionType',
        'GetActionType',
        'GetJobDetails',
        'GetThirdPartyJobDetails',
        'PollForJobs',
        'PollForThirdPartyJobs',
        'PutJobFailureResult',
        'PutJobSuccessResult',
        'PutThirdPartyJobFailureResult',
        'PutThirdPartyJobSuccessResult',
        'UpdateActionType',
      ],
      'custom actions and job workers are not carried out yet',
    ),
    ...allNotSupported(
      [
        'DeleteWebhook',
        'DeregisterWebhookWithThirdParty',
        'ListWebhooks',
        'PutWebhook',
        'RegisterWebhookWithThirdParty',
      ],
      'webhooks are not carried out yet: CodeCommit and S3 sources start by themselves',
    ),
    ...allNotSupported(
      ['ListRuleExecutions', 'ListRuleTypes', 'OverrideStageCondition', 'RollbackStage'],
      'stage conditions and rollback are not carried out yet',
    ),
    ...allNotSupported(['ListDeployActionExecutionTargets'], 'the EC2 deploy action is not carried out yet'),
    ...allNotSupported(['PutActionRevision'], 'custom source actions are not carried out yet'),
  },
  tasks: { startAction, timeoutAction, outsideChanged, branchChanged, objectChanged },
  subscriptions: [
    { source: 'aws.codebuild', detailType: 'CodeBuild Build State Change', task: 'outsideChanged' },
    { source: 'codeyard.codebuild', detailType: 'Build Batch State Change', task: 'outsideChanged' },
    { source: 'aws.codedeploy', detailType: 'CodeDeploy Deployment State-change Notification', task: 'outsideChanged' },
    { source: 'aws.codecommit', detailType: 'CodeCommit Repository State Change', task: 'branchChanged' },
    { source: 'aws.s3', detailType: 'Object Created', task: 'objectChanged' },
    { source: 'codeyard.s3', detailType: 'Object Created', task: 'objectChanged' },
  ],
})
