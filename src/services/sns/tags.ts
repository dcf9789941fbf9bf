// Tags of topics.

import type { Tag } from '@aws-sdk/client-sns'
import type { Tx } from '../../store/tx.ts'
import { readTopicArn, type TopicKey } from './arns.ts'
import { fail } from './errors.ts'
import { findTopic, type TopicRow } from './topics.ts'

const MOST = 50

export const tagMap = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(tag => [tag.Key!, tag.Value ?? '']))

export async function taggedTopic(tx: Tx, arn: string): Promise<{ key: TopicKey; topic: TopicRow }> {
  const key = readTopicArn(arn, 'ResourceArn')
  const topic = await findTopic(tx, key)
  return topic ? { key, topic } : fail('ResourceNotFoundException', 'Resource does not exist')
}

export function checkTagCount(tags: Record<string, string>): void {
  if (Object.keys(tags).length > MOST)
    fail('TagLimitExceededException', 'Could not complete request: tag quota of per resource exceeded')
}
