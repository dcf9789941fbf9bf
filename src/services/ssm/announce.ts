// What EventBridge hears of a parameter.
// AWS: detail of "Parameter Store Change" [Reference: Amazon EventBridge event patterns and types for Systems Manager].

import type { Call } from '../../operation/call.ts'
import { parameterArn } from './names.ts'

export interface Changed {
  readonly name: string
  readonly type: string
  readonly description: string | null
}

export const announce = (
  call: Call,
  operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion',
  { name, type, description }: Changed,
) =>
  call.emit({
    source: 'aws.ssm',
    detailType: 'Parameter Store Change',
    resources: [parameterArn(call.scope, name)],
    detail: { operation, name, type, ...(description !== null && { description }) },
  })
