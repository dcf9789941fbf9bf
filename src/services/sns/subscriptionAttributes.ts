// Attributes of subscriptions: which can be set and to what, and what a subscription shows.

import { subscriptionArn, topicArn } from './arns.ts'
import { invalid } from './errors.ts'
import { checkFilterPolicy, type FilterScope } from './filterPolicy.ts'
import { deliveryPolicyProblem, httpRetryPolicy } from './retries.ts'
import type { SubscriptionRow } from './subscriptions.ts'

/** Throws InvalidParameter unless these attributes may be set together. */
export function checkSubscriptionAttributes(attributes: Readonly<Record<string, string>>, protocol: string): void {
  for (const [name, value] of Object.entries(attributes)) {
    switch (name) {
      case 'FilterPolicy':
        if (value !== '') checkFilterPolicy(value, (attributes.FilterPolicyScope ?? 'MessageAttributes') as FilterScope)
        break
      case 'FilterPolicyScope':
        if (value !== 'MessageAttributes' && value !== 'MessageBody')
          invalid(`FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`)
        break
      case 'RawMessageDelivery':
        if (value !== 'true' && value !== 'false') invalid('RawMessageDelivery must be true or false.')
        if (value === 'true' && protocol !== 'http' && protocol !== 'https')
          invalid(`Attributes Reason: RawMessageDelivery is not supported for protocol ${protocol}`)
        break
      case 'DeliveryPolicy': {
        const problem = value === '' ? undefined : deliveryPolicyProblem(value)
        if (problem) invalid(`DeliveryPolicy: ${problem}`)
        break
      }
      case 'RedrivePolicy':
        if (value !== '')
          invalid('RedrivePolicy: Codeyard has no SQS queues, so undelivered messages cannot be kept in one')
        break
      case 'SubscriptionRoleArn':
        invalid('SubscriptionRoleArn is for Firehose, which Codeyard does not deliver to')
        break
      case 'ReplayPolicy':
        invalid('ReplayPolicy is for FIFO topics, which Codeyard does not support yet')
        break
      default:
        invalid('AttributeName')
    }
  }
}

/** What GetSubscriptionAttributes answers. */
export function shownSubscriptionAttributes(
  row: SubscriptionRow,
  topicDeliveryPolicy: string | undefined,
): Record<string, string> {
  const http = row.protocol === 'http' || row.protocol === 'https'
  const { DeliveryPolicy, ...attributes } = row.attributes
  return {
    Owner: row.account,
    RawMessageDelivery: 'false',
    TopicArn: topicArn(row),
    Endpoint: row.endpoint,
    Protocol: row.protocol,
    PendingConfirmation: String(!row.confirmed),
    ConfirmationWasAuthenticated: String(row.authenticated),
    SubscriptionArn: row.confirmed ? subscriptionArn(row) : 'PendingConfirmation',
    ...(attributes.FilterPolicy && { FilterPolicyScope: 'MessageAttributes' }),
    ...(http && {
      EffectiveDeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: httpRetryPolicy(DeliveryPolicy, topicDeliveryPolicy),
      }),
    }),
    ...(DeliveryPolicy && { DeliveryPolicy }),
    ...attributes,
  }
}
