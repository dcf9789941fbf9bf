// Confirming and ending subscriptions, by a signed call or by the link that a subscriber was sent.

import type { Call } from '../../operation/call.ts'
import { type SubscriptionKey, subscriptionArn, type TopicKey } from './arns.ts'
import { fail, invalid } from './errors.ts'
import {
  deleteSubscription,
  findByToken,
  findSubscription,
  type SubscriptionRow,
  saveSubscription,
} from './subscriptions.ts'
import { keyOf } from './tasks.ts'
import { requireTopic } from './topics.ts'

/** AWS: a confirmation token is valid for two days (SNS developer guide, Confirm the subscription). */
const TOKEN_TTL = 2 * 86_400_000

/** Gives the subscription a fresh token and sends it to the endpoint; without an answer the subscription is forgotten. */
export async function askForConfirmation(call: Call, row: SubscriptionRow): Promise<SubscriptionRow> {
  const token = call.ids.text(128, '0123456789abcdef')
  const asked = { ...row, token, token_expires: new Date(call.now.getTime() + TOKEN_TTL) }
  const subscription = keyOf(row)
  await call.addJob('confirm', { subscription, id: call.ids.uuid(), tried: 0 })
  const jobKey = `sns.expirePending/${subscriptionArn(row)}`
  await call.addJob('expirePending', { subscription }, { runAt: asked.token_expires, jobKey })
  return asked
}

interface Confirmation {
  readonly topic: TopicKey
  readonly token: string
  /** Whether the call was signed. */
  readonly authenticated: boolean
  readonly authenticateOnUnsubscribe: boolean
}

/** Answers the subscription's ARN. */
export async function confirmSubscription(call: Call, confirmation: Confirmation): Promise<string> {
  await requireTopic(call.tx, confirmation.topic)
  const row = await findByToken(call.tx, confirmation.topic, confirmation.token)
  if (!row) return invalid('Token')
  if (row.confirmed) return subscriptionArn(row)
  if (row.token_expires && row.token_expires < call.now) invalid('Token')
  await saveSubscription(call.tx, {
    ...row,
    confirmed: true,
    authenticated: confirmation.authenticated,
    authenticate_on_unsubscribe: confirmation.authenticated && confirmation.authenticateOnUnsubscribe,
  })
  return subscriptionArn(row)
}

/** Ends a subscription; one that is not there is fine. */
export async function endSubscription(call: Call, key: SubscriptionKey, authenticated: boolean): Promise<void> {
  const row = await findSubscription(call.tx, key)
  if (!row) return
  if (row.authenticate_on_unsubscribe && !authenticated)
    fail('AuthorizationErrorException', 'Unsubscribing from this topic needs a signed request.')
  await deleteSubscription(call.tx, row)
}
