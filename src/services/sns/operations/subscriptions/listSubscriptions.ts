// ListSubscriptions and ListSubscriptionsByTopic.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn } from '../../arns.ts'
import { afterKey, PAGE } from '../../paging.ts'
import { listAll, listByTopic, toSubscription } from '../../subscriptions.ts'
import { requireTopic } from '../../topics.ts'

export const listSubscriptions: Handler<'sns', 'ListSubscriptions'> = async (call, input) => {
  const [topic, id] = afterKey(input.NextToken, 2)
  const rows = await listAll(call.tx, call.scope, { topic: topic!, id: id! }, PAGE + 1)
  const { items, nextToken } = page(rows, PAGE, row => [row.topic, row.id])
  return { Subscriptions: items.map(toSubscription), NextToken: nextToken }
}

export const listSubscriptionsByTopic: Handler<'sns', 'ListSubscriptionsByTopic'> = async (call, input) => {
  const key = readTopicArn(input.TopicArn)
  await requireTopic(call.tx, key)
  const [after] = afterKey(input.NextToken, 1)
  const rows = await listByTopic(call.tx, key, after!, PAGE + 1)
  const { items, nextToken } = page(rows, PAGE, row => [row.id])
  return { Subscriptions: items.map(toSubscription), NextToken: nextToken }
}
