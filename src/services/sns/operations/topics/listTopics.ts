// ListTopics: pages of the topics by name.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { topicArn } from '../../arns.ts'
import { afterKey, PAGE } from '../../paging.ts'
import { listTopics as readTopics } from '../../topics.ts'

export const listTopics: Handler<'sns', 'ListTopics'> = async (call, input) => {
  const [after] = afterKey(input.NextToken, 1)
  const names = await readTopics(call.tx, call.scope, after!, PAGE + 1)
  const { items, nextToken } = page(names, PAGE, name => [name])
  return { Topics: items.map(topic => ({ TopicArn: topicArn({ ...call.scope, topic }) })), NextToken: nextToken }
}
