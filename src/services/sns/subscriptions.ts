// Subscriptions: their rows and the shape that callers see.

import type { Subscription } from '@aws-sdk/client-sns'
import type { Scope } from '../../core/scope.ts'
import { sql } from '../../store/sql.ts'
import type { Tx } from '../../store/tx.ts'
import { type SubscriptionKey, subscriptionArn, type TopicKey, topicArn } from './arns.ts'
import { noSuchSubscription } from './errors.ts'

export type Protocol = 'http' | 'https' | 'email' | 'email-json'

export interface SubscriptionRow {
  account: string
  region: string
  topic: string
  id: string
  protocol: Protocol
  endpoint: string
  attributes: Record<string, string>
  confirmed: boolean
  authenticated: boolean
  authenticate_on_unsubscribe: boolean
  token: string | null
  token_expires: Date | null
}

const COLUMNS = sql`account, region, topic, id, protocol, endpoint, attributes, confirmed, authenticated,
  authenticate_on_unsubscribe, token, token_expires`

export const findSubscription = (tx: Tx, { account, region, topic, id }: SubscriptionKey) =>
  tx.one<SubscriptionRow>`
    select ${COLUMNS} from sns.subscriptions
    where account = ${account} and region = ${region} and topic = ${topic} and id = ${id}`

export const requireSubscription = async (tx: Tx, key: SubscriptionKey) =>
  (await findSubscription(tx, key)) ?? noSuchSubscription()

export const findByEndpoint = (tx: Tx, { account, region, topic }: TopicKey, protocol: string, endpoint: string) =>
  tx.one<SubscriptionRow>`
    select ${COLUMNS} from sns.subscriptions
    where account = ${account} and region = ${region} and topic = ${topic} and protocol = ${protocol}
      and md5(endpoint) = md5(${endpoint}) and endpoint = ${endpoint}`

export const findByToken = (tx: Tx, { account, region, topic }: TopicKey, token: string) =>
  tx.one<SubscriptionRow>`
    select ${COLUMNS} from sns.subscriptions
    where account = ${account} and region = ${region} and topic = ${topic} and token = ${token}`

export const insertSubscription = (tx: Tx, row: SubscriptionRow, now: Date) =>
  tx.run`
    insert into sns.subscriptions
      (account, region, topic, id, protocol, endpoint, attributes, confirmed, authenticated,
       authenticate_on_unsubscribe, token, token_expires, created_at)
    values (${row.account}, ${row.region}, ${row.topic}, ${row.id}, ${row.protocol}, ${row.endpoint},
            ${JSON.stringify(row.attributes)}, ${row.confirmed}, ${row.authenticated},
            ${row.authenticate_on_unsubscribe}, ${row.token}, ${row.token_expires}, ${now})`

export const saveSubscription = (tx: Tx, row: SubscriptionRow) =>
  tx.run`
    update sns.subscriptions set
      attributes = ${JSON.stringify(row.attributes)}, confirmed = ${row.confirmed},
      authenticated = ${row.authenticated}, authenticate_on_unsubscribe = ${row.authenticate_on_unsubscribe},
      token = ${row.token}, token_expires = ${row.token_expires}
    where account = ${row.account} and region = ${row.region} and topic = ${row.topic} and id = ${row.id}`

export const deleteSubscription = (tx: Tx, { account, region, topic, id }: SubscriptionKey) =>
  tx.run`
    delete from sns.subscriptions
    where account = ${account} and region = ${region} and topic = ${topic} and id = ${id}`

export function listByTopic(tx: Tx, { account, region, topic }: TopicKey, after: string, limit: number) {
  return tx.rows<SubscriptionRow>`
    select ${COLUMNS} from sns.subscriptions
    where account = ${account} and region = ${region} and topic = ${topic} and id > ${after} order by id limit ${limit}`
}

export function listAll(tx: Tx, { account, region }: Scope, after: { topic: string; id: string }, limit: number) {
  return tx.rows<SubscriptionRow>`
    select ${COLUMNS} from sns.subscriptions
    where account = ${account} and region = ${region} and (topic, id) > (${after.topic}, ${after.id})
    order by topic, id limit ${limit}`
}

export async function countByTopic(tx: Tx, { account, region, topic }: TopicKey) {
  const row = await tx.one<{ confirmed: number; pending: number }>`
    select count(*) filter (where confirmed) as confirmed, count(*) filter (where not confirmed) as pending
    from sns.subscriptions where account = ${account} and region = ${region} and topic = ${topic}`
  return row!
}

export const toSubscription = (row: SubscriptionRow): Subscription => ({
  SubscriptionArn: row.confirmed ? subscriptionArn(row) : 'PendingConfirmation',
  Owner: row.account,
  Protocol: row.protocol,
  Endpoint: row.endpoint,
  TopicArn: topicArn(row),
})
