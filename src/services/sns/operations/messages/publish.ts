// Publish: a message for everyone who subscribed to a topic.

import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn } from '../../arns.ts'
import { keepMessages } from '../../encryption.ts'
import { invalid } from '../../errors.ts'
import { MOST_BYTES, readMessage } from '../../message.ts'
import { requireTopic } from '../../topics.ts'

export const publish: Handler<'sns', 'Publish'> = async (call, input) => {
  if (input.PhoneNumber !== undefined) invalid('PhoneNumber Reason: Codeyard does not deliver to text messages')
  const arn = input.TopicArn ?? input.TargetArn
  if (!arn) return invalid('TopicArn or TargetArn Reason: no value for required parameter')
  if (arn.includes(':endpoint/')) invalid('TargetArn Reason: Codeyard does not deliver to mobile push')
  const topic = readTopicArn(arn, input.TopicArn ? 'TopicArn' : 'TargetArn')
  const { notification, bytes } = readMessage(input, call.ids.uuid(), call.now)
  if (bytes > MOST_BYTES) invalid('Message too long')
  const { attributes } = await requireTopic(call.tx, topic)
  const [kept] = await keepMessages(call, topic, attributes.KmsMasterKeyId, [notification])
  await call.addJob('fanOut', { topic, notification: kept, after: '' })
  return { MessageId: notification.id }
}
