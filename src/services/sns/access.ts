// Which permission on which resource each operation needs.

import { formatArn } from '../../core/arn.ts'
import type { Access, AccessCall } from '../../operation/service.ts'

const UNSCOPED = new Set([
  'ListTopics',
  'ListSubscriptions',
  'Unsubscribe',
  'GetSubscriptionAttributes',
  'SetSubscriptionAttributes',
])

export function access({ scope }: AccessCall, operation: string, input: any): Access[] {
  // AWS: a batch needs the permission to publish (Actions defined by Amazon SNS).
  // AWS: refusals name the actions in capitals: `is not authorized to perform: SNS:Publish on resource`.
  const action = `SNS:${operation === 'PublishBatch' ? 'Publish' : operation}`
  if (UNSCOPED.has(operation)) return [{ action, resource: '*' }]
  if (operation === 'CreateTopic') return [{ action, resource: formatArn('sns', scope, input.Name ?? '') }]
  return [{ action, resource: input.TopicArn ?? input.TargetArn ?? input.ResourceArn ?? '*' }]
}
