// One message, or one confirmation, to one subscription over its protocol.

import type { OpenCall } from '../../operation/call.ts'
import { subscriptionArn, topicArn } from './arns.ts'
import { sendEmail } from './email.ts'
import { confirmationEnvelope, confirmLink, notificationEnvelope, type Signer, unsubscribeLink } from './envelope.ts'
import { type Notification, textFor } from './message.ts'
import { type Outcome, post } from './post.ts'
import { signingKey } from './signingKeys.ts'
import type { SubscriptionRow } from './subscriptions.ts'
import type { TopicRow } from './topics.ts'

/** Where the certificates of this house are. */
export const CERTIFICATE_PATH = '/_codeyard/sns/SimpleNotificationService-'

interface Receiver {
  readonly subscription: SubscriptionRow
  readonly topic: TopicRow
}

export async function deliverNotification(
  call: OpenCall,
  { subscription, topic }: Receiver,
  notification: Notification,
): Promise<Outcome> {
  const text = textFor(notification, subscription.protocol)
  const endpoint = call.config.endpoint
  const envelope = async () =>
    JSON.stringify(
      notificationEnvelope({ subscription, notification, text, endpoint }, await signer(call, topic)),
      undefined,
      2,
    )
  switch (subscription.protocol) {
    case 'http':
    case 'https': {
      const raw = subscription.attributes.RawMessageDelivery === 'true'
      const headers = {
        'content-type': 'text/plain; charset=UTF-8',
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-message-id': notification.id,
        'x-amz-sns-topic-arn': topicArn(subscription),
        'x-amz-sns-subscription-arn': subscriptionArn(subscription),
        ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
      }
      return post({ url: subscription.endpoint, body: raw ? text : await envelope(), headers }, call.signal)
    }
    case 'email':
    case 'email-json':
      return email(
        call,
        { subscription, topic },
        {
          subject: notification.subject ?? 'AWS Notification Message',
          text:
            subscription.protocol === 'email-json'
              ? await envelope()
              : `${text}\n\n--\nTo get no more messages of this topic, visit:\n${unsubscribeLink(endpoint, subscription)}\n`,
        },
      )
  }
}

export async function deliverConfirmation(
  call: OpenCall,
  { subscription, topic }: Receiver,
  { id, token }: { id: string; token: string },
): Promise<Outcome> {
  const endpoint = call.config.endpoint
  const envelope = async () => {
    const confirmation = { topic: subscription, token, id, timestamp: call.now.toISOString(), endpoint }
    return JSON.stringify(confirmationEnvelope(confirmation, await signer(call, topic)), undefined, 2)
  }
  switch (subscription.protocol) {
    case 'http':
    case 'https': {
      const headers = {
        'content-type': 'text/plain; charset=UTF-8',
        'x-amz-sns-message-type': 'SubscriptionConfirmation',
        'x-amz-sns-message-id': id,
        'x-amz-sns-topic-arn': topicArn(subscription),
      }
      return post({ url: subscription.endpoint, body: await envelope(), headers }, call.signal)
    }
    case 'email':
    case 'email-json': {
      const link = confirmLink(endpoint, subscription, token)
      return email(
        call,
        { subscription, topic },
        {
          subject: 'AWS Notification - Subscription Confirmation',
          text:
            subscription.protocol === 'email-json'
              ? await envelope()
              : `This address was subscribed to the topic\n${topicArn(subscription)}\n\nTo confirm, visit:\n${link}\n\nIf this is a mistake, do nothing.\n`,
        },
      )
    }
  }
}

async function signer(call: OpenCall, topic: TopicRow): Promise<Signer> {
  const { key, hash } = await signingKey(call)
  const certificateUrl = `${call.config.endpoint}${CERTIFICATE_PATH}${hash}.pem`
  return { key, certificateUrl, version: topic.attributes.SignatureVersion === '2' ? '2' : '1' }
}

function email(
  { config }: OpenCall,
  { subscription, topic }: Receiver,
  { subject, text }: { subject: string; text: string },
): Promise<Outcome> | Outcome {
  if (!config.smtp) return { kind: 'failed', reason: 'no SMTP server is configured' }
  const sender = topic.attributes.DisplayName ?? ''
  return sendEmail(config.smtp, { to: subscription.endpoint, subject, text, sender })
}
