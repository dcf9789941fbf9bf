// Topics: their rows.

import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import type { TopicKey } from './arns.ts'
import { noSuchTopic } from './errors.ts'

export interface TopicRow {
  name: string
  attributes: Record<string, string>
  tags: Record<string, string>
}

export const findTopic = (tx: Tx, { account, region, topic }: TopicKey) =>
  tx.one<TopicRow>`
    select name, attributes, tags from sns.topics
    where account = ${account} and region = ${region} and name = ${topic}`

export const requireTopic = async (tx: Tx, key: TopicKey) => (await findTopic(tx, key)) ?? noSuchTopic()

/** Locks the topic until the transaction ends. */
export async function lockTopic(tx: Tx, { account, region, topic }: TopicKey): Promise<TopicRow> {
  const row = await tx.one<TopicRow>`
    select name, attributes, tags from sns.topics
    where account = ${account} and region = ${region} and name = ${topic} for update`
  return row ?? noSuchTopic()
}

/** False when there is one of that name. */
export async function insertTopic(tx: Tx, { account, region }: Scope, topic: TopicRow, now: Date): Promise<boolean> {
  const inserted = await tx.run`
    insert into sns.topics (account, region, name, attributes, tags, created_at)
    values (${account}, ${region}, ${topic.name}, ${JSON.stringify(topic.attributes)}, ${JSON.stringify(topic.tags)},
            ${now})
    on conflict do nothing`
  return inserted === 1
}

export const saveTopic = (tx: Tx, { account, region, topic }: TopicKey, row: TopicRow) =>
  tx.run`
    update sns.topics set attributes = ${JSON.stringify(row.attributes)}, tags = ${JSON.stringify(row.tags)}
    where account = ${account} and region = ${region} and name = ${topic}`

/** With its subscriptions. */
export const deleteTopic = (tx: Tx, { account, region, topic }: TopicKey) =>
  tx.run`delete from sns.topics where account = ${account} and region = ${region} and name = ${topic}`

export async function listTopics(tx: Tx, { account, region }: Scope, after: string, limit: number): Promise<string[]> {
  const rows = await tx.rows<{ name: string }>`
    select name from sns.topics where account = ${account} and region = ${region} and name > ${after}
    order by name limit ${limit}`
  return rows.map(row => row.name)
}
