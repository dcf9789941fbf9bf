// Unsubscribe: ends a subscription.

import type { Handler } from '../../../../operation/handler.ts'
import { readSubscriptionArn } from '../../arns.ts'
import { endSubscription } from '../../subscribing.ts'

export const unsubscribe: Handler<'sns', 'Unsubscribe'> = async (call, input) => {
  await endSubscription(call, readSubscriptionArn(input.SubscriptionArn), call.principal.type !== 'anonymous')
  return {}
}
