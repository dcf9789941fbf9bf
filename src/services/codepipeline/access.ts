// Which permission an operation needs (source: Actions, resources, and condition keys for AWS CodePipeline).

import { formatArn } from '../../core/arn.ts'
import type { Access, AccessCall } from '../../operation/service.ts'

interface Named {
  readonly name?: string
  readonly pipelineName?: string
  readonly stageName?: string
  readonly actionName?: string
  readonly resourceArn?: string
  readonly pipeline?: { readonly name?: string; readonly roleArn?: string }
}

export function access({ scope }: AccessCall, operation: string, input: Named): Access[] {
  const action = `codepipeline:${operation}`
  const arn = (...parts: (string | undefined)[]) => formatArn('codepipeline', scope, parts.join('/'))
  switch (operation) {
    case 'ListPipelines':
    case 'ListActionTypes':
      return [{ action, resource: '*' }]
    case 'CreatePipeline':
    case 'UpdatePipeline': {
      const { name, roleArn } = input.pipeline!
      return [
        { action, resource: arn(name) },
        {
          action: 'iam:PassRole',
          resource: roleArn!,
          context: { 'iam:PassedToService': 'codepipeline.amazonaws.com' },
        },
      ]
    }
    case 'EnableStageTransition':
    case 'DisableStageTransition':
    case 'RetryStageExecution':
      return [{ action, resource: arn(input.pipelineName, input.stageName) }]
    case 'PutApprovalResult':
      return [{ action, resource: arn(input.pipelineName, input.stageName, input.actionName) }]
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsForResource':
      return [{ action, resource: input.resourceArn! }]
    default:
      return [{ action, resource: arn(input.pipelineName ?? input.name) }]
  }
}
