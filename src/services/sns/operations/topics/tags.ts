// TagResource, UntagResource and ListTagsForResource.

import type { Handler } from '../../../../operation/handler.ts'
import { checkTagCount, taggedTopic, tagMap } from '../../tags.ts'
import { saveTopic } from '../../topics.ts'

export const tagResource: Handler<'sns', 'TagResource'> = async (call, input) => {
  const { key, topic } = await taggedTopic(call.tx, input.ResourceArn)
  const tags = { ...topic.tags, ...tagMap(input.Tags) }
  checkTagCount(tags)
  await saveTopic(call.tx, key, { ...topic, tags })
  return {}
}

export const untagResource: Handler<'sns', 'UntagResource'> = async (call, input) => {
  const { key, topic } = await taggedTopic(call.tx, input.ResourceArn)
  const tags = Object.fromEntries(Object.entries(topic.tags).filter(([name]) => !input.TagKeys.includes(name)))
  await saveTopic(call.tx, key, { ...topic, tags })
  return {}
}

export const listTagsForResource: Handler<'sns', 'ListTagsForResource'> = async (call, input) => {
  const { topic } = await taggedTopic(call.tx, input.ResourceArn)
  return { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) }
}
