// Subscribe: a subscription that waits for its endpoint's confirmation.

import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn, subscriptionArn } from '../../arns.ts'
import { readEndpoint } from '../../endpoint.ts'
import { invalid } from '../../errors.ts'
import { askForConfirmation } from '../../subscribing.ts'
import { checkSubscriptionAttributes } from '../../subscriptionAttributes.ts'
import { findByEndpoint, insertSubscription, type SubscriptionRow, saveSubscription } from '../../subscriptions.ts'
import { lockTopic } from '../../topics.ts'

export const subscribe: Handler<'sns', 'Subscribe'> = async (call, input) => {
  const topic = readTopicArn(input.TopicArn)
  const { protocol, endpoint } = readEndpoint(input.Protocol, input.Endpoint, call.config)
  const attributes = input.Attributes ?? {}
  checkSubscriptionAttributes(attributes, protocol)
  await lockTopic(call.tx, topic)
  const present = await findByEndpoint(call.tx, topic, protocol, endpoint)
  // AWS: subscribing again answers the subscription that is there, unless what is asked for differs.
  if (present && Object.entries(attributes).some(([name, value]) => present.attributes[name] !== value))
    invalid('Attributes Reason: Subscription already exists with different attributes')
  if (present?.confirmed) return { SubscriptionArn: subscriptionArn(present) }

  const row: SubscriptionRow = present ?? {
    ...topic,
    id: call.ids.uuid(),
    protocol,
    endpoint,
    attributes,
    confirmed: false,
    authenticated: false,
    authenticate_on_unsubscribe: false,
    token: null,
    token_expires: null,
  }
  const asked = await askForConfirmation(call, row)
  await (present ? saveSubscription(call.tx, asked) : insertSubscription(call.tx, asked, call.now))
  return { SubscriptionArn: input.ReturnSubscriptionArn ? subscriptionArn(row) : 'pending confirmation' }
}
