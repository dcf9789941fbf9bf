// CreateTopic: a new topic, or the one that is there if it is the same.

import type { Handler } from '../../../../operation/handler.ts'
import { topicArn } from '../../arns.ts'
import { invalid } from '../../errors.ts'
import { tagMap } from '../../tags.ts'
import { checkTopicAttribute } from '../../topicAttributes.ts'
import { findTopic, insertTopic } from '../../topics.ts'

export const createTopic: Handler<'sns', 'CreateTopic'> = async (call, input) => {
  const { Name: name, Attributes: attributes = {} } = input
  if (name.endsWith('.fifo')) invalid('Topic Name Reason: Codeyard does not support FIFO topics yet')
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) invalid('Topic Name')
  if (input.DataProtectionPolicy !== undefined) invalid('DataProtectionPolicy is not supported by Codeyard')
  for (const [attribute, value] of Object.entries(attributes)) checkTopicAttribute(attribute, value)
  const tags = tagMap(input.Tags)
  const key = { ...call.scope, topic: name }
  if (!(await insertTopic(call.tx, call.scope, { name, attributes, tags }, call.now))) {
    const present = await findTopic(call.tx, key)
    // AWS: creating a topic again answers its ARN, unless what is asked for differs.
    if (Object.entries(attributes).some(([attribute, value]) => present?.attributes[attribute] !== value))
      invalid('Attributes Reason: Topic already exists with different attributes')
    if (input.Tags && !sameTags(tags, present?.tags ?? {}))
      invalid('Tags Reason: Topic already exists with different tags')
  }
  return { TopicArn: topicArn(key) }
}

function sameTags(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every(key => a[key] === b[key])
}
