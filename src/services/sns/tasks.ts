// Sending as jobs: a message fans out to its topic's subscriptions, each delivery is a job of its own with its retries.

import type { Call, OpenCall } from '../../operation/call.ts'
import type { Task } from '../../operation/service.ts'
import { type SubscriptionKey, subscriptionArn, type TopicKey } from './arns.ts'
import { deliverConfirmation, deliverNotification } from './delivery.ts'
import { type Kept, openMessage } from './encryption.ts'
import { type FilterScope, isWanted } from './filterPolicy.ts'
import type { Outcome } from './post.ts'
import { EMAIL_POLICY, httpRetryPolicy, retryDelays } from './retries.ts'
import { deleteSubscription, findSubscription, listByTopic, type SubscriptionRow } from './subscriptions.ts'
import { findTopic, type TopicRow } from './topics.ts'

const BATCH = 200

interface FanOut {
  readonly topic: TopicKey
  readonly notification: Kept
  /** Subscriptions up to this id have it already. */
  readonly after: string
}

/** A batch of subscriptions gets its deliveries, and the next batch its job, in one transaction. */
const fanOut: Task = async (call, { topic, notification, after }: FanOut) => {
  const message = openMessage(call, topic, notification)
  await call.transaction(async inner => {
    const rows = await listByTopic(inner.tx, topic, after, BATCH)
    for (const row of rows) {
      const scope = (row.attributes.FilterPolicyScope ?? 'MessageAttributes') as FilterScope
      if (!row.confirmed || !isWanted(message, row.attributes.FilterPolicy, scope)) continue
      await inner.addJob('deliver', { subscription: keyOf(row), notification, tried: 0 })
    }
    const last = rows.at(-1)
    if (rows.length === BATCH && last) await inner.addJob('fanOut', { topic, notification, after: last.id })
  })
}

interface Deliver {
  readonly subscription: SubscriptionKey
  readonly notification: Kept
  readonly tried: number
}

const deliver: Task = async (call, payload: Deliver) => {
  const receiver = await findReceiver(call, payload.subscription)
  if (!receiver?.subscription.confirmed) return
  const outcome = await deliverNotification(
    call,
    receiver,
    openMessage(call, payload.subscription, payload.notification),
  )
  await settle(call, { outcome, receiver, task: 'deliver', payload })
}

interface Confirm {
  readonly subscription: SubscriptionKey
  readonly id: string
  readonly tried: number
}

const confirm: Task = async (call, payload: Confirm) => {
  const receiver = await findReceiver(call, payload.subscription)
  if (!receiver?.subscription.token || receiver.subscription.confirmed) return
  const outcome = await deliverConfirmation(call, receiver, { id: payload.id, token: receiver.subscription.token })
  await settle(call, { outcome, receiver, task: 'confirm', payload })
}

interface Tried {
  readonly outcome: Outcome
  readonly receiver: { readonly subscription: SubscriptionRow; readonly topic: TopicRow }
  readonly task: string
  readonly payload: Deliver | Confirm
}

/** A failed delivery waits for its next try, or is given up. */
async function settle(call: OpenCall, { outcome, receiver, task, payload }: Tried) {
  if (outcome.kind === 'delivered') return
  const delay = outcome.kind === 'failed' ? delaysOf(receiver)[payload.tried] : undefined
  const note = {
    subscription: subscriptionArn(receiver.subscription),
    reason: outcome.reason,
    tried: payload.tried + 1,
  }
  if (delay === undefined) {
    call.log.warn(note, 'a delivery was given up')
    return
  }
  await call.transaction(inner =>
    inner.addJob(
      task,
      { ...payload, tried: payload.tried + 1 },
      { runAt: new Date(inner.now.getTime() + delay * 1000) },
    ),
  )
}

function delaysOf({ subscription, topic }: Tried['receiver']): number[] {
  return subscription.protocol === 'http' || subscription.protocol === 'https'
    ? retryDelays(httpRetryPolicy(subscription.attributes.DeliveryPolicy, topic.attributes.DeliveryPolicy))
    : retryDelays(EMAIL_POLICY)
}

function findReceiver(call: OpenCall, key: SubscriptionKey) {
  return call.read(async ({ tx }) => {
    const subscription = await findSubscription(tx, key)
    const topic = subscription && (await findTopic(tx, key))
    return subscription && topic && { subscription, topic }
  })
}

/** A subscription that nobody confirmed in time is forgotten. */
const expirePending: Task = async (call, { subscription }: { subscription: SubscriptionKey }) => {
  await call.transaction(async ({ tx, now }: Call) => {
    const row = await findSubscription(tx, subscription)
    if (row && !row.confirmed && row.token_expires && row.token_expires <= now) await deleteSubscription(tx, row)
  })
}

export const keyOf = ({ account, region, topic, id }: SubscriptionKey): SubscriptionKey => ({
  account,
  region,
  topic,
  id,
})

export const tasks = { fanOut, deliver, confirm, expirePending }
