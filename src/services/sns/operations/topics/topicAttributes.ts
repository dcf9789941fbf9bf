// GetTopicAttributes and SetTopicAttributes.

import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn } from '../../arns.ts'
import { countByTopic } from '../../subscriptions.ts'
import { checkTopicAttribute, shownTopicAttributes } from '../../topicAttributes.ts'
import { lockTopic, requireTopic, saveTopic } from '../../topics.ts'

export const getTopicAttributes: Handler<'sns', 'GetTopicAttributes'> = async (call, input) => {
  const key = readTopicArn(input.TopicArn)
  const { attributes } = await requireTopic(call.tx, key)
  return { Attributes: shownTopicAttributes(key, attributes, await countByTopic(call.tx, key)) }
}

export const setTopicAttributes: Handler<'sns', 'SetTopicAttributes'> = async (call, input) => {
  const key = readTopicArn(input.TopicArn)
  const topic = await lockTopic(call.tx, key)
  const value = input.AttributeValue ?? ''
  checkTopicAttribute(input.AttributeName, value)
  await saveTopic(call.tx, key, { ...topic, attributes: { ...topic.attributes, [input.AttributeName]: value } })
  return {}
}
