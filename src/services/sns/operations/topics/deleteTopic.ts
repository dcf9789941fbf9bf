// DeleteTopic: with its subscriptions; one that is not there is fine.

import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn } from '../../arns.ts'
import { deleteTopic as removeTopic } from '../../topics.ts'

export const deleteTopic: Handler<'sns', 'DeleteTopic'> = async (call, input) => {
  await removeTopic(call.tx, readTopicArn(input.TopicArn))
  return {}
}
