// ConfirmSubscription: the endpoint's owner shows the token that was sent there.

import type { Handler } from '../../../../operation/handler.ts'
import { readTopicArn } from '../../arns.ts'
import { confirmSubscription as confirm } from '../../subscribing.ts'

export const confirmSubscription: Handler<'sns', 'ConfirmSubscription'> = async (call, input) => ({
  SubscriptionArn: await confirm(call, {
    topic: readTopicArn(input.TopicArn),
    token: input.Token,
    authenticated: call.principal.type !== 'anonymous',
    authenticateOnUnsubscribe: input.AuthenticateOnUnsubscribe === 'true',
  }),
})
