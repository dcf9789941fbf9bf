// GetSubscriptionAttributes and SetSubscriptionAttributes.

import type { Handler } from '../../../../operation/handler.ts'
import { readSubscriptionArn } from '../../arns.ts'
import { checkSubscriptionAttributes, shownSubscriptionAttributes } from '../../subscriptionAttributes.ts'
import { requireSubscription, saveSubscription } from '../../subscriptions.ts'
import { requireTopic } from '../../topics.ts'

export const getSubscriptionAttributes: Handler<'sns', 'GetSubscriptionAttributes'> = async (call, input) => {
  const key = readSubscriptionArn(input.SubscriptionArn)
  const row = await requireSubscription(call.tx, key)
  const topic = await requireTopic(call.tx, key)
  return { Attributes: shownSubscriptionAttributes(row, topic.attributes.DeliveryPolicy) }
}

export const setSubscriptionAttributes: Handler<'sns', 'SetSubscriptionAttributes'> = async (call, input) => {
  const row = await requireSubscription(call.tx, readSubscriptionArn(input.SubscriptionArn))
  const value = input.AttributeValue ?? ''
  const attributes = { ...row.attributes, [input.AttributeName]: value }
  checkSubscriptionAttributes(attributes, row.protocol)
  if (value === '') delete attributes[input.AttributeName]
  await saveSubscription(call.tx, { ...row, attributes })
  return {}
}
