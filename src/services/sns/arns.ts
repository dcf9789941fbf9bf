// ARNs of topics and subscriptions.

import { formatArn, parseArn } from '../../core/arn.ts'
import type { Scope } from '../../core/scope.ts'
import { invalid } from './errors.ts'

export interface TopicKey extends Scope {
  readonly topic: string
}

export interface SubscriptionKey extends TopicKey {
  readonly id: string
}

export const topicArn = (key: TopicKey) => formatArn('sns', key, key.topic)
export const subscriptionArn = (key: SubscriptionKey) => formatArn('sns', key, `${key.topic}:${key.id}`)

/** Reads a topic's ARN; throws InvalidParameter for what is none. `parameter` is named in the message. */
export function readTopicArn(arn: string, parameter = 'TopicArn'): TopicKey {
  const [topic, ...more] = elements(arn, parameter)
  if (!topic || more.length > 0) return invalid(`${parameter} Reason: An ARN must have at least 6 elements, not 1`)
  return { ...placeOf(arn), topic }
}

export function readSubscriptionArn(arn: string): SubscriptionKey {
  const [topic, id, ...more] = elements(arn, 'SubscriptionArn')
  if (!topic || !id || more.length > 0) return invalid('SubscriptionId')
  return { ...placeOf(arn), topic, id }
}

function elements(arn: string, parameter: string): string[] {
  const parsed = parseArn(arn)
  if (parsed?.service === 'sns' && parsed.account && parsed.region) return parsed.resource.split(':')
  // AWS: "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
  const count = arn.split(':').length
  return invalid(`${parameter} Reason: An ARN must have at least 6 elements, not ${Math.min(count, 5)}`)
}

function placeOf(arn: string): Scope {
  const { account, region } = parseArn(arn)!
  return { account, region }
}
