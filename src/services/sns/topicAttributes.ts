// Attributes of topics: which can be set and to what, and what a topic shows.

import { type TopicKey, topicArn } from './arns.ts'
import { invalid } from './errors.ts'
import { DEFAULT_DELIVERY_POLICY, deliveryPolicyProblem } from './retries.ts'

/** Throws InvalidParameter unless the attribute may be set to the value. */
export function checkTopicAttribute(name: string, value: string): void {
  switch (name) {
    case 'DisplayName':
      if (value.length > 100) invalid('DisplayName Reason: must be no more than 100 characters long')
      return
    case 'Policy':
      if (!isPolicy(value)) invalid('Policy Error: null')
      return
    case 'DeliveryPolicy': {
      const problem = value === '' ? undefined : deliveryPolicyProblem(value)
      if (problem) invalid(`DeliveryPolicy: ${problem}`)
      return
    }
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') invalid('SignatureVersion')
      return
    case 'TracingConfig':
      if (value !== 'PassThrough') invalid('TracingConfig Reason: Codeyard has no X-Ray: only PassThrough is supported')
      return
    case 'FifoTopic':
    case 'ContentBasedDeduplication':
    case 'FifoThroughputScope':
    case 'ArchivePolicy':
      if (value !== 'false') invalid(`${name} Reason: Codeyard does not support FIFO topics yet`)
      return
    case 'KmsMasterKeyId':
      if (!/^[A-Za-z0-9:/_-]{0,2048}$/.test(value)) invalid('KmsMasterKeyId')
      return
    default:
      if (/^(HTTP|Firehose|Lambda|Application|SQS)(Success|Failure)Feedback(RoleArn|SampleRate)$/.test(name))
        invalid(`${name} Reason: Codeyard does not log delivery status yet`)
      invalid('AttributeName')
  }
}

function isPolicy(text: string): boolean {
  try {
    const policy = JSON.parse(text)
    return typeof policy?.Statement === 'object' && policy.Statement !== null
  } catch {
    return false
  }
}

// AWS: the policy of a topic that nobody gave one; it lets the owner's account in and no service.
export function defaultPolicy(key: TopicKey): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: topicArn(key),
        Condition: { StringEquals: { 'AWS:SourceOwner': key.account } },
      },
    ],
  })
}

/** What GetTopicAttributes answers. */
export function shownTopicAttributes(
  key: TopicKey,
  attributes: Readonly<Record<string, string>>,
  counts: { confirmed: number; pending: number },
): Record<string, string> {
  const { KmsMasterKeyId: kmsKey, ...others } = attributes
  return {
    Policy: defaultPolicy(key),
    Owner: key.account,
    SubscriptionsPending: String(counts.pending),
    TopicArn: topicArn(key),
    EffectiveDeliveryPolicy: attributes.DeliveryPolicy || JSON.stringify(DEFAULT_DELIVERY_POLICY),
    SubscriptionsConfirmed: String(counts.confirmed),
    DisplayName: '',
    SubscriptionsDeleted: '0',
    ...others,
    ...(kmsKey && { KmsMasterKeyId: kmsKey }),
  }
}
