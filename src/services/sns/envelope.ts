// What is sent for a message or a confirmation: AWS's JSON envelope, signed so that receivers can check it.

import { type KeyObject, sign } from 'node:crypto'
import { type SubscriptionKey, subscriptionArn, type TopicKey, topicArn } from './arns.ts'
import type { Attribute, Notification } from './message.ts'

export interface Signer {
  readonly key: KeyObject
  readonly certificateUrl: string
  readonly version: '1' | '2'
}

type Envelope = Readonly<Record<string, unknown>>

// AWS: the fields that are signed, in this order, each as name and value on a line (SNS developer guide, Verifying the
// signatures of Amazon SNS messages).
const SIGNED = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

/** Adds SignatureVersion, Signature and SigningCertURL. */
export function signed(envelope: Envelope, { key, certificateUrl, version }: Signer): Envelope {
  const text = SIGNED.filter(name => envelope[name] !== undefined)
    .map(name => `${name}\n${envelope[name]}\n`)
    .join('')
  const signature = sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(text), key).toString('base64')
  return { ...envelope, SignatureVersion: version, Signature: signature, SigningCertURL: certificateUrl }
}

export const confirmLink = (endpoint: string, key: TopicKey, token: string) =>
  `${endpoint}/?Action=ConfirmSubscription&TopicArn=${topicArn(key)}&Token=${token}`

export const unsubscribeLink = (endpoint: string, key: SubscriptionKey) =>
  `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn(key)}`

interface Notified {
  readonly subscription: SubscriptionKey
  readonly notification: Notification
  readonly text: string
  readonly endpoint: string
}

export function notificationEnvelope(
  { subscription, notification, text, endpoint }: Notified,
  signer: Signer,
): Envelope {
  const { attributes } = notification
  const body = signed(
    {
      Type: 'Notification',
      MessageId: notification.id,
      TopicArn: topicArn(subscription),
      ...(notification.subject !== undefined && { Subject: notification.subject }),
      Message: text,
      Timestamp: notification.timestamp,
    },
    signer,
  )
  return {
    ...body,
    UnsubscribeURL: unsubscribeLink(endpoint, subscription),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: shown(attributes) }),
  }
}

const shown = (attributes: Readonly<Record<string, Attribute>>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]))

interface Confirmation {
  readonly topic: TopicKey
  readonly token: string
  readonly id: string
  readonly timestamp: string
  readonly endpoint: string
}

export function confirmationEnvelope(
  { topic, token, id, timestamp, endpoint }: Confirmation,
  signer: Signer,
): Envelope {
  const arn = topicArn(topic)
  return signed(
    {
      Type: 'SubscriptionConfirmation',
      MessageId: id,
      Token: token,
      TopicArn: arn,
      Message: `You have chosen to subscribe to the topic ${arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: confirmLink(endpoint, topic, token),
      Timestamp: timestamp,
    },
    signer,
  )
}
